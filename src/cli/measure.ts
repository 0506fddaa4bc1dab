import { defineCommand } from 'citty'
import { z } from 'zod'
import { readCardStyle } from '../../reporters/terminal.ts'
import { ProvemarkError } from '../errors.ts'
import { warnAboutMachine } from '../measure/machine.ts'
import { cancelOnSignals } from './cancel-on-signals.ts'
import { flagsOf, readFlags } from './flags.ts'
import { renderSeries } from './measure/render.ts'
import { runSeries } from './measure/series.ts'
import { summarizeSeries } from './measure/summarize.ts'

const schema = z.object({
  runs: z.int().min(1).describe('runs that count').default(10),
  warmup: z.int().min(0).describe('runs before them that do not count').default(0),
  timeout_s: z.number().positive().describe('seconds after which a run is ended').optional(),
  memory_limit_mb: z.number().positive().describe('most memory that a run may take, MB').optional(),
})

export default defineCommand({
  meta: {
    name: 'measure',
    description: 'Wall clock, CPU time and peak memory of any command: npx provemark measure -- CMD ARGS',
  },
  args: {
    ...flagsOf(schema),
    json: { type: 'boolean', description: 'print every run and the summary as JSON' },
  },
  async run({ args, rawArgs }) {
    const plan = { ...readFlags(schema, args), command: readCommand(rawArgs) }
    const { signal, exitCode, release } = cancelOnSignals()
    const runs = await runSeries(plan, signal).finally(release)
    const summary = summarizeSeries(runs)
    if (args.json) {
      console.log(JSON.stringify({ command: plan.command, runs, summary }, null, 2))
    } else {
      console.log(renderSeries(plan.command, runs, summary, readCardStyle(process.stdout)))
      for (const warning of warnAboutMachine()) console.error(`warning: ${warning}`)
    }
    process.exitCode = exitCode() ?? (summary.failed ? 1 : 0)
  },
})

/** @throws ProvemarkError CONFIG_INVALID where there is no command, or something before its dashes that is no flag */
function readCommand(rawArgs: readonly string[]): [string, ...string[]] {
  const dashes = rawArgs.indexOf('--')
  const [file, ...args] = dashes < 0 ? [] : rawArgs.slice(dashes + 1)
  if (file) return [file, ...args]
  throw new ProvemarkError('CONFIG_INVALID', 'measure needs a command behind --', {
    hint: 'npx provemark measure --runs 20 -- CMD ARGS',
  })
}
