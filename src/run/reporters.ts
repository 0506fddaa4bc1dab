import { resolve } from 'node:path'
import type { Vitest } from 'vitest/node'
import { CardReporter } from '../../reporters/card-reporter.ts'
import { ExitReporter } from '../../reporters/exit.ts'
import { JsonlReporter } from '../../reporters/jsonl.ts'
import { LiveReporter } from '../../reporters/live.ts'
import { MergedJsonlReporter } from '../../reporters/merged-jsonl.ts'
import { ShardReporter } from '../../reporters/shards.ts'
import { leavesRoom, withoutWindows } from './live-window.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedGate } from './plan-gate.ts'

/** Adds our reporters to those of the user. The rows go to disk first: whatever another reporter does, they are safe. */
export async function addReporters(vitest: Vitest, plan: Plan, gate?: PlannedGate): Promise<void> {
  const { reporters } = vitest.config
  const files = new Map(plan.tracks.map(({ name, results }) => [name, results]))
  const Jsonl = vitest.config.mergeReports ? MergedJsonlReporter : JsonlReporter
  reporters.unshift(new Jsonl(files, { fsync: plan.options.fsync }))
  if (vitest.config.mergeReports) reporters.push(new ShardReporter())
  reporters.push(new CardReporter())
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
  reporters.push(new ExitReporter(describeEmptyShard(plan)))
  if (!plan.progress_file || !leavesRoom(reporters)) return
  vitest.config.reporters = [...withoutWindows(reporters), new LiveReporter(plan.progress_file, plan)]
}

/** A shard beyond the number of points is empty by design: that is no fault of the run. */
function describeEmptyShard({ shard, tracks }: Plan): string | undefined {
  if (!shard?.points || tracks.some(({ points }) => points.length)) return undefined
  return `shard ${shard.index}/${shard.count} has no points: the run has ${shard.points}, nothing to do here`
}
