import { existsSync } from 'node:fs'
import { readHeaders } from '../model/file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import type { Plan } from '../plan/plan.ts'
import { plannedVariant } from '../point/phase-row.ts'
import type { Point } from '../point/point.ts'
import { measureWorkload } from '../model/workload.ts'
import { summarizeFiles, type PointSummary } from '../row/summary.ts'
import { canonicalJson } from '../row/json.ts'
import type { RunSelection } from '../row/runs.ts'
import type { TrackWithPoints } from './plan-tracks.ts'

/** A point and the time that its last measurement took. */
interface CostSource {
  point: Point
  /** Seconds; undefined if it was never measured. */
  measuredS: number | undefined
}

/**
 * Relative costs of points, all in the same unit. If any point was measured, costs are seconds, and the others are
 * scaled by their work; otherwise the cost is the work itself. A model whose work is unknown gets the median of the
 * others.
 */
export function estimateCosts(sources: readonly CostSource[]): number[] {
  const works = sources.map(({ point }) => workOf(point))
  const paces = sources.flatMap(({ measuredS }, i) => (measuredS && works[i] ? [measuredS / works[i]] : []))
  const pace = medianOf(paces) ?? 1
  const costs = sources.map(
    ({ measuredS }, i) => measuredS ?? (works[i] === undefined ? undefined : works[i] * pace),
  )
  const typical = medianOf(costs.filter((cost) => cost !== undefined)) ?? 1
  return costs.map((cost) => cost ?? typical)
}

/** Adds the cost of each point to the plan, for estimating the time left. */
export function addCosts(plan: Plan, tracks: readonly TrackWithPoints[]): Plan {
  const all = tracks.flatMap(({ planned, points }) => points.map((point) => ({ track: planned.name, point })))
  const costs = estimateCosts(all.map(({ point }) => ({ point, measuredS: undefined })))
  const costOf = new Map(all.map(({ track, point }, i) => [`${track}/${point.id}`, costs[i]!]))
  return {
    ...plan,
    tracks: plan.tracks.map((track) => ({
      ...track,
      points: track.points.map((point) => ({ ...point, cost: costOf.get(`${track.name}/${point.id}`)! })),
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

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** Cost of a point at its last measurement, for the iterations of a plan. */
export interface Prediction {
  timeS: number
  peakMb: number
}

/** Predictions by track and point from the rows in the results files. A point that was never measured has none. */
export async function predictFromRows(
  plan: Plan,
  run: RunSelection = 'all',
): Promise<Map<string, Prediction>> {
  const files = [...new Set(plan.tracks.map(({ results }) => results))].filter((file) => existsSync(file))
  const { points } = await summarizeFiles(files, { run })
  const known = new Set(plan.tracks.flatMap((track) => track.points.map(({ id }) => `${track.name}/${id}`)))
  const predictions = new Map<string, Prediction>()
  // Points at other settings cost something else: they only tell where the settings of the run were never measured.
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
