import { z } from 'zod'
import type { Problem } from '../config/problems.ts'
import { readBudgets, gateSchema } from '../gate/options.ts'
import type { Series } from '../row/series.ts'
import type { GateReport } from '../gate/verdict.ts'
import { reportToGithub, writeGateFiles } from '../render/gate-output.ts'
import { renderGate } from '../render/gate-table.ts'
import { readCardStyle } from '../render/terminal.ts'

/** Options of `provemark gate` and `provemark compare` for files: the config's gate section plus these. */
export const gateCommandSchema = gateSchema.omit({ gate_json: true }).extend({
  json: z.boolean().default(false).describe('print the verdicts as JSON'),
  seed: z.number().int().min(0).default(42).describe('seed of the simulated runs of the self-test'),
})
type GateCommand = z.output<typeof gateCommandSchema>

/** Checks the budgets, which the schema only knows as texts. */
export function checkBudgets({ budgets = [] }: Partial<GateCommand>): Problem[] {
  return readBudgets(budgets).problems
}

/** Prints the verdicts, writes the requested files and sets the gate's exit code. */
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
  // GitHub reads workflow commands from both streams, and standard output may be JSON.
  reportToGithub(report, command, (line) => console.error(line), process.env)
  writeGateFiles(command, report, command, series)
}
