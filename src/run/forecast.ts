import { median } from 'simple-statistics'
import { readHeaders } from '../model/file.ts'
import { countOf } from '../lib/names.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { listResults, type Plan } from '../plan/plan.ts'
import { plannedVariant } from '../point/phase-row.ts'
import type { Point } from '../point/point.ts'
import { measureWorkload } from '../model/workload.ts'
import { summarizeFiles, type PointSummary } from '../row/summary.ts'
import { canonicalJson } from '../row/json.ts'
import type { RunSelection } from '../row/runs.ts'
import type { TrackWithPoints } from './resolve-run.ts'
import { formatDuration } from '../render/format.ts'
import { formatMetric } from '../row/metrics.ts'
import { PHASES } from '../row/schema.ts'

/**
 * Relative costs of points by track and point, all in the same unit. If any point was measured, costs are seconds, and
 * the others are scaled by their work; otherwise the cost is the work itself. A model whose work is unknown gets the
 * median of the others.
 */
export function estimateCosts(
  tracks: readonly TrackWithPoints[],
  measured?: ReadonlyMap<string, Prediction>,
): Map<string, number> {
  const sources = tracks.flatMap(({ name, points }) =>
    points.map((point) => {
      const key = `${name}/${point.id}`
      return { key, work: workOf(point), measuredS: measured?.get(key)?.timeS }
    }),
  )
  const paces = sources.flatMap(({ work, measuredS }) => (measuredS && work ? [measuredS / work] : []))
  const pace = paces.length ? median(paces) : 1
  const costs = sources.map(({ work, measuredS }) => measuredS ?? (work && work * pace))
  const known = costs.filter((cost) => cost !== undefined)
  const typical = known.length ? median(known) : 1
  return new Map(sources.map(({ key }, i) => [key, costs[i] ?? typical]))
}

/** Adds the cost of each point to the plan, for estimating the time left. */
export function addCosts(plan: Plan, tracks: readonly TrackWithPoints[]): Plan {
  const costs = estimateCosts(tracks)
  return {
    ...plan,
    tracks: plan.tracks.map((track) => ({
      ...track,
      points: track.points.map((point) => ({ ...point, cost: costs.get(`${track.name}/${point.id}`)! })),
    })),
  }
}

/** Number of multiplications of a model, or of parameters if its shapes are unknown; undefined if it cannot be read. */
function workOf({ model, dims }: Point): number | undefined {
  if (model === undefined) return undefined
  try {
    const { convMultiplications, denseMultiplications, param_count } = measureWorkload(openModel(model), dims)
    return (convMultiplications ?? 0) + (denseMultiplications ?? 0) || param_count || undefined
  } catch {
    // The model's own phases will report what is wrong with it.
    return undefined
  }
}

function openModel(model: NonNullable<Point['model']>): OnnxModel {
  if (typeof model === 'string') return readHeaders(model).model
  return typeof model === 'function' ? model() : model
}

/** Cost of a point at its last measurement, for the iterations of a plan. */
interface Prediction {
  timeS: number
  peakMb: number
}

/** Predictions by track and point from the rows in the results files. A point that was never measured has none. */
export async function predictFromRows(
  plan: Plan,
  run: RunSelection = 'all',
): Promise<Map<string, Prediction>> {
  const { points } = await summarizeFiles(listResults(plan), { run })
  const known = new Set(plan.tracks.flatMap((track) => track.points.map(({ id }) => `${track.name}/${id}`)))
  const predictions = new Map<string, Prediction>()
  // Points at other settings have other costs: they only count if the settings of the run were never measured.
  const variantOf = (name: string | undefined, parts: object) => canonicalJson([name, parts])
  const planned = new Set(plan.provers.map((own) => variantOf(own.name, plannedVariant(plan, own).parts)))
  const isPlanned = ({ prover, variant }: PointSummary) => planned.has(variantOf(prover?.name, variant))
  const measured = new Set(
    points.filter(isPlanned).map((own) => `${own.track}/${own.point} ${own.prover?.name}`),
  )
  for (const summary of points) {
    const key = `${summary.track}/${summary.point}`
    const prediction = known.has(key) ? predictPoint(summary, plan) : undefined
    // Several provers run one after another: times add up, peaks do not.
    const other = predictions.get(key) ?? { timeS: 0, peakMb: 0 }
    if (!prediction || !plan.provers.some(({ name }) => name === summary.prover?.name)) continue
    if (measured.has(`${key} ${summary.prover?.name}`) && !isPlanned(summary)) continue
    predictions.set(key, {
      timeS: other.timeS + prediction.timeS,
      peakMb: Math.max(other.peakMb, prediction.peakMb),
    })
  }
  return predictions
}

function predictPoint({ phases }: PointSummary, { options: { iterations } }: Plan): Prediction | undefined {
  const measured = phases.flatMap(({ phase, time_s, mem_mb }) =>
    time_s && mem_mb ? [{ timeS: time_s.median * iterations[phase], peakMb: mem_mb.worst }] : [],
  )
  if (measured.length !== phases.length) return undefined
  return {
    timeS: measured.reduce((sum, { timeS }) => sum + timeS, 0),
    peakMb: Math.max(...measured.map(({ peakMb }) => peakMb)),
  }
}

/** What a run would do: its tracks and points, where their rows go, and what they cost when last measured. */
export async function renderDryRun(plan: Plan): Promise<string> {
  const predictions = await predictFromRows(plan)
  const lines = plan.tracks
    // A track without points gives the reason, unless its points are in other shards.
    .filter(({ points }) => !plan.shard || points.length)
    .flatMap(({ name, results, points, empty }) => [
      points.length ? `${name}: ${countOf(points.length, 'point')} -> ${results}` : `${name}: ${empty}`,
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
