import { writeGateFiles } from '../render/gate-output.ts'
import { renderGate } from '../render/gate-table.ts'
import { tellGithub } from '../render/github.ts'
import { readCardStyle } from '../render/terminal.ts'
import type { Series } from '../gate/series.ts'
import type { GateReport } from '../gate/verdict.ts'
import type { GateCommand } from './gate-options.ts'

/** Prints the verdicts, writes them where the flags say, and ends the command with the gate's exit code. */
export function publish(
  report: GateReport,
  series: readonly Series[],
  command: GateCommand,
  { all = false, sides = false } = {},
): void {
  process.exitCode = report.exit_code
  if (command.json) console.log(JSON.stringify(report, null, 2))
  else
    console.log(
      renderGate(report, readCardStyle(process.stdout), { all, sides, columns: process.stdout.columns }),
    )
  // GitHub reads its commands from both streams; standard output may be JSON.
  tellGithub(report, command, (line) => console.error(line), process.env)
  writeGateFiles(command, report, command, series)
}
