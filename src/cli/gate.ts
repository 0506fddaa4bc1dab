import { z } from 'zod'
import { type Problem, ProvemarkError } from '../errors.ts'
import { judgeFiles } from '../gate/judge-files.ts'
import { gateSchema, readBudgets } from '../gate/options.ts'
import type { GateReport } from '../gate/verdict.ts'
import { runSchema } from '../plan/options.ts'
import { publishGate, renderGate } from '../render/gate-output.ts'
import { readCardStyle } from '../render/terminal.ts'
import { parseRunSelection } from '../row/runs.ts'
import type { Series } from '../row/series.ts'
import { lockMachine } from '../run/resources.ts'
import { cancelOnSignals, defineCommand, requireFiles } from './command.ts'

/** Options of `provemark gate` and `provemark compare` for files: the config's gate section plus these. */
export const gateCommandSchema = gateSchema.omit({ gate_json: true }).extend({
  json: z.boolean().default(false).describe('print the verdicts as JSON'),
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
  console.log(
    command.json
      ? JSON.stringify(report, null, 2)
      : renderGate(report, readCardStyle(process.stdout), { all, sides }),
  )
  // GitHub reads workflow commands from both streams, and standard output may be JSON.
  publishGate(report, series, command, console.error)
}

const schema = gateCommandSchema.extend({
  self_test: z
    .boolean()
    .default(false)
    .describe('judge simulated runs and a fixture prover, and show how often the gate is wrong'),
  seed: z.int().min(0).default(42).describe('seed of the simulated runs of the self-test'),
  runs: z.int().min(1).default(1000).describe('simulated runs of each kind in the self-test'),
  real_runs: z.int().min(1).default(3).describe('runs of the fixture prover of each kind in the self-test'),
  lock: runSchema.shape.lock,
  run: z.string().optional().describe("the run to judge: an id, or 'all'; default: the last of each file"),
})

/** Exits with 1 if a claim does not hold, with 2 if one could not be judged. */
async function selfTest({ runs, real_runs, seed, json, lock }: z.output<typeof schema>): Promise<void> {
  // Few calls test the gate itself, and only those load this.
  const { certify, exitCodeOf } = await import('../gate/self-test/certify.ts')
  const { certifyHere } = await import('./self-test/certify-here.ts')
  const { renderCertificate } = await import('./self-test/render.ts')
  const onProgress = (line: string) => console.error(line)
  onProgress(`simulating ${runs} runs of each kind`)
  const simulated = certify({ runs, seed })
  const unlock = await lockMachine(lock, process.cwd())
  const { signal, exitCode, release } = cancelOnSignals()
  try {
    const real = await certifyHere({ runs: real_runs, signal, onProgress })
    const claims = [...simulated.claims, ...real.claims]
    if (json) console.log(JSON.stringify({ ...simulated, real, claims }, null, 2))
    else console.log(renderCertificate(simulated, real))
    process.exitCode = exitCodeOf(claims)
  } catch (error) {
    if (!signal.aborted) throw error
    process.exitCode = exitCode()
  } finally {
    release()
    unlock()
  }
}

export default defineCommand({
  description: 'Judges results files against budgets and a baseline; exit code 1 for a regression',
  operands: {
    name: 'FILE…',
    description: 'JSONL files: npx provemark gate rows.jsonl --baseline base.jsonl --budget time_s=+10%',
  },
  options: schema,
  readsEnvironment: true,
  check: checkBudgets,
  async run({ options: command, operands: files }) {
    const { budgets } = readBudgets(command.budgets)
    if (command.self_test) return selfTest(command)
    requireFiles(files, 'npx provemark gate benchmarking/*.jsonl --baseline bench/baseline.jsonl')
    if (!budgets.length && command.baseline === undefined) {
      throw new ProvemarkError(
        'CONFIG_INVALID',
        'there is nothing to judge against: no budget and no baseline',
        {
          hint: "give --baseline FILE, or a limit such as --budget 'mem_mb=4096'",
        },
      )
    }
    const { report, now } = await judgeFiles({
      files,
      budgets,
      baseline: command.baseline,
      rules: command,
      run: parseRunSelection(command.run),
      root: process.cwd(),
      show: console.error,
    })
    publish(report, now, command)
  },
})
