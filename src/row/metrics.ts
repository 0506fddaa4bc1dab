import { EVIDENCE } from './disturbance.ts'
import { PHASES } from './phases.ts'
import type { Phase, Row } from './schema.ts'

/**
 * Name of a metric: the name of its field in a row (`time_s`, `proof_size_bytes`, `model_sha256`), or `ecc.totalCost`
 * for a counter. Budgets, baselines, verdicts, reports and plot files all use the same names.
 */
export type MetricName = string

/** A metric's name, plus the phase for metrics that every phase has: `time_s@prove`, but `proof_size_bytes`. */
export type MetricId = string

export type MetricKind = 'time' | 'cpu' | 'memory' | 'size' | 'counter' | 'parameters' | 'digest' | 'other'

export interface Metric {
  id: MetricId
  name: MetricName
  kind: MetricKind
  unit: 's' | 'MB' | 'bytes' | ''
  /** Null if the figure belongs to the point; rows of later phases then repeat it. */
  phase: Phase | null
  /** The artifact or counter that it describes. */
  of: string | null
  /** Title of its plot. */
  title: string
}

const COUNTER = 'ecc.'
const SPAN = 'spans.'
const SIZE = '_size_bytes'
const DIGEST = '_sha256'

export const counterMetric = (name: string): MetricName => `${COUNTER}${name}`
/** Name of the span that a metric is; null for any other. */
export const spanOf = (name: MetricName) => (name.startsWith(SPAN) ? name.slice(SPAN.length) : null)
export const sizeMetric = (artifact: string): MetricName => `${artifact}${SIZE}`
export const metricId = (name: MetricName, phase: Phase): MetricId =>
  isOfPhase(name) ? `${name}@${phase}` : name

/** A name as a user may write it, including `counters.totalCost` and the names that older reports used. */
export function readMetricName(text: string): MetricName {
  if (/^counters?[.:]/.test(text)) return counterMetric(text.replace(/^counters?[.:]/, ''))
  return text.startsWith('size:') ? sizeMetric(text.slice('size:'.length)) : text
}

function kindOf(name: MetricName): MetricKind {
  if (name.startsWith(COUNTER)) return 'counter'
  if (name.startsWith('time_s') || name.startsWith(SPAN)) return 'time'
  if (name.startsWith('cpu_')) return 'cpu'
  if (name.startsWith('mem_mb')) return 'memory'
  if (name.endsWith(SIZE)) return 'size'
  if (name.endsWith(DIGEST)) return 'digest'
  return name === 'param_count' ? 'parameters' : 'other'
}

/** What metrics of a kind have in common; those of other kinds have no unit, and their name as title. */
const KINDS: Partial<Record<MetricKind, { unit: Metric['unit']; title: (of: string) => string }>> = {
  time: { unit: 's', title: (phase) => `Time of ${phase}` },
  cpu: { unit: 's', title: (phase) => `CPU time of ${phase}` },
  memory: { unit: 'MB', title: (phase) => `Memory of ${phase}` },
  size: { unit: 'bytes', title: (artifact) => `Size of the ${artifact}` },
}

export function describeMetric(id: MetricId): Metric {
  const phase = PHASES.find((one) => id.endsWith(`@${one}`)) ?? null
  const name = phase ? id.slice(0, -phase.length - 1) : id
  const kind = kindOf(name)
  const of = artifactOf(name) ?? (kind === 'counter' ? name.slice(COUNTER.length) : null)
  const span = spanOf(name)
  const title = span ? `${span} in ${phase}` : (KINDS[kind]?.title(phase ?? of ?? name) ?? of ?? name)
  return { id, name, kind, unit: KINDS[kind]?.unit ?? '', phase, of, title }
}

/** The artifact whose size or digest a metric is. */
function artifactOf(name: MetricName): string | null {
  const suffix = [SIZE, DIGEST].find((own) => name.endsWith(own))
  return suffix ? name.slice(0, -suffix.length) : null
}

/** Artifacts that are the same in every run of a prover: byte for byte, or only in size. */
type Deterministic = ReadonlyMap<string, 'bytes' | 'size'>

/**
 * How a metric is judged. Exact: the same on every machine and in every run, so that any change is a finding. Digest:
 * exact, but unordered. Noisy: varies from run to run, so it is tested statistically.
 */
export type MetricClass = 'exact' | 'digest' | 'noisy'

export function classOf(name: MetricName, deterministic: Deterministic): MetricClass {
  const kind = kindOf(name)
  if (kind === 'digest') return 'digest'
  if (kind === 'counter' || kind === 'parameters') return 'exact'
  return kind === 'size' && deterministic.has(artifactOf(name)!) ? 'exact' : 'noisy'
}

/** Whether any change of a metric is reported even if no budget names it. */
export function isAlwaysWatched(name: MetricName, deterministic: Deterministic): boolean {
  const own = classOf(name, deterministic)
  if (own !== 'digest' || name === 'model_sha256') return own !== 'noisy'
  return deterministic.get(artifactOf(name)!) === 'bytes'
}

export const isCounter = (name: MetricName) => kindOf(name) === 'counter'
export const isTime = (name: MetricName) => ['time', 'cpu'].includes(kindOf(name))
/** Whether other programs on the machine make it longer; they do not add to the prover's CPU time. */
export const isWallClock = (name: MetricName) => kindOf(name) === 'time'
export const isMemory = (name: MetricName) => kindOf(name) === 'memory'

/** Whether the metric depends on the machine and the settings, even with the same prover. */
export const isMachineBound = (name: MetricName) => isTime(name) || isMemory(name)

/** Whether every phase has its own figure. A change of any other metric must not be reported once per phase. */
export function isOfPhase(name: MetricName): boolean {
  return !['counter', 'parameters', 'size', 'digest'].includes(kindOf(name))
}

/** Changes up to this, in the metric's own unit, never fail. */
export function floorOf(name: MetricName, floors: { time_s: number; mem_mb: number }): number {
  if (isTime(name)) return floors.time_s
  return isMemory(name) ? floors.mem_mb : 0
}

/** Numeric fields of a row that say nothing about the prover. */
const NO_METRICS = new Set<string>(['iteration', 'return_code', 'schema', 'time_resolution_s', ...EVIDENCE])

/**
 * Calls back with every figure of a row. For figures of a baseline's row that have samples, passes the samples. CPU
 * time is the sum of user and system time, for rows that have both.
 */
export function eachFigure(
  row: Row,
  onNumber: (name: MetricName, value: number) => void,
  onDigest: (name: MetricName, value: string) => void = () => {},
): void {
  const { ecc, samples, spans } = row
  for (const name in row) {
    const value = row[name]
    if (typeof value === 'number') {
      if (!NO_METRICS.has(name) && !isSampled(row, name)) onNumber(name, value)
    } else if (typeof value === 'string' && name.endsWith(DIGEST)) onDigest(name, value)
  }
  for (const counter in ecc) {
    const name = counterMetric(counter)
    if (!isSampled(row, name)) onNumber(name, ecc[counter]!)
  }
  for (const span in spans) {
    const name = `${SPAN}${span}`
    if (!isSampled(row, name)) onNumber(name, spans[span]!)
  }
  for (const name in samples) for (const value of samples[name]!) onNumber(name, value)
  for (const value of cpuTimes(row)) onNumber('cpu_s', value)
}

const isSampled = ({ samples }: Row, name: string) => samples != null && Object.hasOwn(samples, name)

const NONE: readonly number[] = []

/** Sum of user and system CPU time, s, for each iteration that a row stands for. */
export function cpuTimes(row: Row): readonly number[] {
  const { cpu_user_s, cpu_sys_s, samples } = row
  if (typeof row['cpu_s'] === 'number') return NONE
  const [user, system] = [samples?.['cpu_user_s'], samples?.['cpu_sys_s']]
  if (user && system) return user.length === system.length ? user.map((own, i) => own + system[i]!) : NONE
  return cpu_user_s == null || cpu_sys_s == null ? NONE : [cpu_user_s + cpu_sys_s]
}

/** Whether a metric is a sum of others in the same row. A baseline stores only those others. */
export const isDerived = (name: MetricName) => name === 'cpu_s'

/** Number of decimals that shows a figure to at least three digits: 3 for seconds, more for very short times. */
export function decimalsFor(value: number, least: number): number {
  if (value === 0 || Math.abs(value) >= 0.1) return least
  return Math.min(9, 2 - Math.floor(Math.log10(Math.abs(value))))
}

const DECIMALS: Partial<Record<Metric['unit'], number>> = { s: 3, MB: 1 }

/** A figure without its unit: `1.234`, `237.1`, `40,536`. */
export function formatNumber(unit: Metric['unit'], value: number): string {
  const least = DECIMALS[unit]
  return least === undefined ? formatCount(value) : value.toFixed(decimalsFor(value, least))
}

/** `1.234 s`, `237.1 MB`, `40,536 B`, `23,521,323`. */
export function formatMetric(name: MetricName, value: number): string {
  const { unit } = describeMetric(name)
  return [formatNumber(unit, value), unit === 'bytes' ? 'B' : unit].filter(Boolean).join(' ')
}

/** `23,521,323`, the same in every locale. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 })
}
