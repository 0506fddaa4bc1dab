import type { Cloned } from '../row/fold/cloned.ts'
import { addAll, getOrAdd } from '../row/collections.ts'
import { Samples } from '../row/samples.ts'
import type { Row } from '../row/schema.ts'

/**
 * How a metric is judged. Exact: the same on every machine and in every run, so that any change is a finding.
 * Digest: exact, and without an order. Noisy: a sample of what it might have been.
 */
export type MetricClass = 'exact' | 'digest' | 'noisy'

const SIZE_SUFFIX = '_size_bytes'
/** Numbers of a row that measure nothing. */
const NO_METRICS = new Set(['iteration', 'return_code', 'schema'])

/** Artifacts that a prover makes the same in every run: all their bytes, or their size alone. */
export type Deterministic = ReadonlyMap<string, 'bytes' | 'size'>

export function classOf(metric: string, deterministic: Deterministic): MetricClass {
  if (metric.startsWith('ecc.') || metric === 'param_count') return 'exact'
  if (metric.endsWith('_sha256')) return 'digest'
  const isExactSize = metric.endsWith(SIZE_SUFFIX) && deterministic.has(metric.slice(0, -SIZE_SUFFIX.length))
  return isExactSize ? 'exact' : 'noisy'
}

/** Whether any change of a metric is news although no budget names it. */
export function isAlwaysWatched(metric: string, deterministic: Deterministic): boolean {
  const kind = classOf(metric, deterministic)
  if (kind !== 'digest' || metric === 'model_sha256') return kind !== 'noisy'
  return deterministic.get(metric.replace(/_sha256$/, '')) === 'bytes'
}

/** Whether the machine and the settings change it although the prover is the same: time and memory. */
export function isMachineBound(metric: string): boolean {
  return isTime(metric) || isMemory(metric)
}

export const isTime = (metric: string) => /^(?:time_s|cpu_)/.test(metric)
export const isMemory = (metric: string) => metric.startsWith('mem_mb')

/**
 * Whether every phase has a figure of its own. The others (counters, sizes, digests) belong to the point: rows of
 * later phases repeat them, and one change shall not be told four times.
 */
export function isOfPhase(metric: string): boolean {
  const isRepeated = /^(?:ecc\.|param_count$)|(?:_sha256|_size_bytes)$/.test(metric)
  return !isRepeated
}

/** The change that never fails, in the metric's own unit. */
export function floorOf(metric: string, floors: { time_s: number; mem_mb: number }): number {
  if (isTime(metric)) return floors.time_s
  return isMemory(metric) ? floors.mem_mb : 0
}

/** The repetitions of every number, and the different values of every digest, by metric. */
export interface Figures {
  numbers: Map<string, Samples>
  digests: Map<string, Set<string>>
}

/** Adds the figures of a row; of what a baseline's row holds samples of, these. */
export function addFigures({ numbers, digests }: Figures, row: Row): void {
  const add = (metric: string, value: number) => getOrAdd(numbers, metric, startSamples).push(value)
  const { ecc, samples } = row
  const isSampled = (metric: string) => samples != null && Object.hasOwn(samples, metric)
  for (const name in row) {
    const value = row[name]
    if (typeof value === 'number' && !NO_METRICS.has(name) && !isSampled(name)) add(name, value)
    if (typeof value === 'string' && name.endsWith('_sha256')) getOrAdd(digests, name, startSet).add(value)
  }
  for (const name in ecc) if (!isSampled(`ecc.${name}`)) add(`ecc.${name}`, ecc[name]!)
  for (const name in samples) for (const value of samples[name]!) add(name, value)
}

/** Adds what was found out of later rows. */
export function mergeFigures({ numbers, digests }: Figures, later: Cloned<Figures>): void {
  for (const [metric, samples] of later.numbers) getOrAdd(numbers, metric, startSamples).append(samples)
  for (const [metric, values] of later.digests) addAll(getOrAdd(digests, metric, startSet), values)
}

const startSamples = () => new Samples()
const startSet = () => new Set<string>()
