import { z } from 'zod'
import { readCardStyle } from '../render/terminal.ts'
import { warnAboutMachine } from '../system/machine-warnings.ts'
import { cancelOnSignals } from './cancel-on-signals.ts'
import { COMMON, defineCommand } from './command.ts'
import { renderSeries } from './measure/render.ts'
import { runSeries } from './measure/series.ts'
import { summarizeSeries } from './measure/summarize.ts'

export default defineCommand({
  description:
    'Measures wall clock, CPU time and peak memory of any command: npx provemark measure -- CMD ARGS',
  rest: { name: 'CMD ARGS…', description: 'the command to measure', required: true },
  options: z.object({
    runs: z.int().min(1).describe('runs that count').default(10),
    warmup: z.int().min(0).describe('runs before those, not counted').default(0),
    timeout_s: z.number().positive().describe('seconds after which a run is ended').optional(),
    memory_limit_mb: z.number().positive().describe('memory that a run may use, MB').optional(),
    json: COMMON.json,
  }),
  async run({ options, rest }) {
    const plan = { ...options, command: rest as [string, ...string[]] }
    const { signal, exitCode, release } = cancelOnSignals()
    const runs = await runSeries(plan, signal).finally(release)
    const summary = summarizeSeries(runs)
    if (options.json) {
      console.log(JSON.stringify({ command: plan.command, runs, summary }, null, 2))
    } else {
      console.log(renderSeries(plan.command, runs, summary, readCardStyle(process.stdout)))
      for (const warning of warnAboutMachine()) console.error(`warning: ${warning}`)
    }
    process.exitCode = exitCode() ?? (summary.failed ? 1 : 0)
  },
})
