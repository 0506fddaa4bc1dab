import { resolve } from 'node:path'
import type { Vitest } from 'vitest/node'
import { CardReporter } from '../../reporters/card-reporter.ts'
import { CompactReporter } from '../../reporters/compact.ts'
import { ExitReporter } from '../../reporters/exit.ts'
import { JsonlReporter } from '../../reporters/jsonl.ts'
import { LiveReporter } from '../../reporters/live.ts'
import { MergedJsonlReporter } from '../../reporters/merged-jsonl.ts'
import { ShardReporter } from '../../reporters/shards.ts'
import { leavesRoom, withoutWindows } from './live-window.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedGate } from './plan-gate.ts'

interface ReporterSources {
  gate?: PlannedGate | undefined
  /** Bench files whose phases are shown in one line each, in place of Vitest's tables; absent where Vitest's stay. */
  compactFor?: ReadonlySet<string> | undefined
}

/** Adds our reporters to those of the user. The rows go to disk first: whatever another reporter does, they are safe. */
export async function addReporters(
  vitest: Vitest,
  plan: Plan,
  { gate, compactFor }: ReporterSources,
): Promise<void> {
  const { reporters } = vitest.config
  const files = new Map(plan.tracks.map(({ name, results }) => [name, results]))
  const Jsonl = vitest.config.mergeReports ? MergedJsonlReporter : JsonlReporter
  reporters.unshift(new Jsonl(files, { fsync: plan.options.fsync }))
  if (vitest.config.mergeReports) reporters.push(new ShardReporter())
  reporters.push(new CardReporter({ brief: Boolean(compactFor) && countPoints(plan) > 1 }))
  // What few runs have is loaded by those alone.
  if (gate) {
    const { GateReporter } = await import('../../reporters/gate.ts')
    reporters.push(new GateReporter(plan, gate))
  }
  if (plan.options.report) {
    const { HtmlReporter } = await import('../../reporters/html.ts')
    const { baseline } = plan.gate
    reporters.push(new HtmlReporter(files, plan.options.report, baseline && resolve(plan.root, baseline)))
  }
  reporters.push(new ExitReporter({ emptyNote: describeEmptyShard(plan), isPart: isPart(plan) }))
  if (plan.progress_file && leavesRoom(reporters)) {
    vitest.config.reporters = [...withoutWindows(reporters), new LiveReporter(plan.progress_file, plan)]
  }
  if (compactFor) vitest.config.reporters = vitest.config.reporters.map((own) => compact(own, compactFor))
}

/** Whether the command line or the config of Vitest says which reporters it should use. */
export function isReporterChosen({ config: { reporters, cliOptions } }: Vitest): boolean {
  if (cliOptions.reporter ?? cliOptions.reporters) return true
  // A config that the plugin has no part in may have named them, such as the root's where the plugin is in a project.
  const named = reporters.flatMap((own) => (Array.isArray(own) ? [own] : []))
  return named.some(([name, options]) => !UNCHOSEN.has(name) || Object.keys(options ?? {}).length > 0)
}

/** What Vitest takes of itself: for people, for agents, and in GitHub Actions beside one of them. */
const UNCHOSEN = new Set<unknown>(['default', 'minimal', 'github-actions'])

type OwnReporter = Vitest['config']['reporters'][number]

function compact(reporter: OwnReporter, files: ReadonlySet<string>): OwnReporter {
  const [name, options] = Array.isArray(reporter) ? reporter : []
  if (name !== 'default' && name !== 'minimal') return reporter
  // The one option that can be there is the window that we have put away.
  const { summary } = options as { summary?: boolean }
  return new CompactReporter(files, { summary, isMinimal: name === 'minimal' })
}

const countPoints = ({ tracks }: Plan) => tracks.reduce((sum, { points }) => sum + points.length, 0)

/** Whether other shards have points of the run. */
function isPart(plan: Plan): boolean {
  return plan.shard !== undefined && plan.shard.points > countPoints(plan)
}

/** A shard beyond the number of points is empty by design: that is no fault of the run. */
function describeEmptyShard({ shard, tracks }: Plan): string | undefined {
  if (!shard?.points || tracks.some(({ points }) => points.length)) return undefined
  return `shard ${shard.index}/${shard.count} has no points: the run has ${shard.points}, nothing to do here`
}
