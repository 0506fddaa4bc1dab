import { formatDuration } from '../render/format.ts'
import type { Plan, PlannedTrack } from '../plan/plan.ts'
import { formatMetric } from '../row/metrics.ts'
import { PHASES } from '../row/schema.ts'
import { predictFromRows, type Prediction } from './point-cost.ts'

/** What a run would do: its tracks and points, where their rows go, and what they cost when last measured. */
export async function renderDryRun(plan: Plan): Promise<string> {
  const predictions = await predictFromRows(plan)
  const lines = plan.tracks
    .filter(isShown(plan))
    .flatMap(({ name, results, points, empty }) => [
      points.length
        ? `${name}: ${points.length} ${points.length === 1 ? 'point' : 'points'} -> ${results}`
        : `${name}: ${empty}`,
      ...points.map(
        ({ id, params }) =>
          `  ${id}  ${describe(predictions.get(`${name}/${id}`))}  ${JSON.stringify(params)}`,
      ),
    ])
  return [
    ...(plan.shard ? [describeShard(plan)] : []),
    ...lines,
    `provers: ${plan.provers.map(({ label }) => label).join(', ')}`,
    `iterations: ${PHASES.filter((phase) => plan.provers.some(({ phases }) => phases.includes(phase)))
      .map((phase) => `${phase} ${plan.options.iterations[phase]}`)
      .join(', ')}`,
    totalOf(plan, predictions),
    'dry run: nothing was run',
  ].join('\n')
}

/** `shard 2/4: 3 of 12 points, run github-123-1f0c2d3e`. */
export function describeShard({ shard, tracks, run_id }: Plan): string {
  const own = tracks.reduce((sum, { points }) => sum + points.length, 0)
  return `shard ${shard?.index}/${shard?.count}: ${own} of ${shard?.points} points, run ${run_id}`
}

/** A track without points gives the reason, unless its points are in other shards. */
function isShown({ shard }: Plan) {
  return ({ points }: PlannedTrack) => !shard || points.length > 0
}

function describe(prediction: Prediction | undefined): string {
  return prediction
    ? `${formatDuration(prediction.timeS)}, ${formatMetric('mem_mb', prediction.peakMb)}`
    : 'not measured yet'
}

function totalOf({ tracks }: Plan, predictions: ReadonlyMap<string, Prediction>): string {
  const count = tracks.reduce((sum, { points }) => sum + points.length, 0)
  if (predictions.size === 0) return 'predicted: nothing, since no point was measured yet'
  const all = [...predictions.values()]
  const timeS = all.reduce((sum, own) => sum + own.timeS, 0)
  const peakMb = Math.max(0, ...all.map((own) => own.peakMb))
  const known =
    predictions.size === count ? '' : ` for the ${predictions.size} of ${count} points that have rows`
  return `predicted: ${formatDuration(timeS)}, peak ${formatMetric('mem_mb', peakMb)}${known}`
}
