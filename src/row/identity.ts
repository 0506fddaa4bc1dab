import { canonicalJson, isSameJson, rememberLast } from './json.ts'
import { readClock, runOf } from './outcome.ts'
import type { Row } from './schema.ts'

/**
 * Identity of a row's point and prover. Two rows, even from two files, belong to the same point if their keys are
 * equal. Points differ by track and parameters; rows without parameters use the model's base name and parameter count.
 * The short id is for people and does not count. The two sides of a comparison are different points.
 */
export const pointKey = rememberLast(makePointKey, isSamePoint)

function makePointKey({ track, point, params, model, param_count, prover, side, reported }: Row): string {
  const identity = params ?? { model: modelName(model), param_count: param_count ?? null }
  const parts = [track ?? null, identity, prover?.name ?? null, ...(side ? [side] : [])]
  // Two papers may use one name for two models, so a published figure belongs to a separate point.
  if (reported) parts.push({ point: point ?? null, source: reported.source, machine: reported.machine })
  return canonicalJson(parts)
}

/** Never true for two different points. May be false for rows of the same point. */
function isSamePoint(a: Row, b: Row): boolean {
  return (
    a.track === b.track &&
    a.prover?.name === b.prover?.name &&
    a.side === b.side &&
    isSameJson(a.reported, b.reported) &&
    (!a.reported || a.point === b.point) &&
    isSameJson(a.params, b.params) &&
    (a.params != null || (a.model === b.model && a.param_count === b.param_count))
  )
}

/** Identity of a row's phase: its point's identity plus the phase. */
export function phaseKey(row: Row): string {
  return `${row.phase} ${pointKey(row)}`
}

/** Base name of a model's path from any system, without `.onnx`; null if there is none. */
export function modelName(model: Row['model']): string | null {
  return (
    model
      ?.split(/[/\\]/)
      .at(-1)
      ?.replace(/\.onnx$/i, '') || null
  )
}

/**
 * Display name: the point's id or else its model's name, plus the side of a comparison. A published figure has its
 * source and machine in it, so that nothing shows it without them.
 */
export function pointName({
  point,
  model,
  side,
  reported,
}: Pick<Row, 'point' | 'model' | 'side' | 'reported'>): string {
  const name = point ?? modelName(model) ?? 'unnamed model'
  if (reported) return `${name} (${describeReported(reported)})`
  return side ? `${name} (${side})` : name
}

/** `reported: ezkl's blog, on Apple M3`. */
function describeReported({ source, machine }: NonNullable<Row['reported']>): string {
  return `reported: ${source ?? 'source not stated'}, on ${machine ?? 'an unknown machine'}`
}

/**
 * A prover with everything that a user can choose and that changes what it costs. Figures of two variants are never
 * pooled.
 */
export interface Variant {
  prover: string | null
  /** Settings, threads and warmth, by name. A missing key stands for the default. */
  parts: Readonly<Record<string, unknown>>
}

/**
 * Fields of a row, besides its settings, that are part of the variant, each with what a row without it means. `process`
 * is none: phases of one prover may differ in it, and warmth is a setting.
 */
export const VARIANT_FIELDS: Readonly<Record<string, string>> = { page_cache: 'as-is' }

/** The number of iterations is not a setting. */
const NO_PARTS = new Set(['sampling'])

export const variantOf = rememberLast((row: Row): Variant => {
  const fields = Object.entries(VARIANT_FIELDS).map(([name, standard]) => {
    return [name, row[name] === standard ? null : row[name]] as const
  })
  const parts = [...Object.entries(row.settings ?? {}), ...fields].filter(
    ([name, value]) => value != null && !NO_PARTS.has(name),
  )
  return { prover: row.prover?.name ?? null, parts: Object.fromEntries(parts) }
}, isSameVariant)

/** Never true for two different variants. */
function isSameVariant(a: Row, b: Row): boolean {
  for (const name in VARIANT_FIELDS) if (a[name] !== b[name]) return false
  return a.prover?.name === b.prover?.name && isSameJson(a.settings, b.settings)
}

/** Separates variants of one prover. */
export const partsKey = rememberLast((row: Row) => canonicalJson(variantOf(row).parts), isSameVariant)

/** Identity of a point and a variant. */
export const variantKey = rememberLast(
  (row: Row) => `${pointKey(row)} ${partsKey(row)}`,
  (a, b) => isSamePoint(a, b) && isSameVariant(a, b),
)

/** Identity of a point, a variant and a clock: times of two clocks are never pooled. */
export const clockedKey = rememberLast(
  (row: Row) => `${readClock(row)} ${variantKey(row)}`,
  (a, b) => readClock(a) === readClock(b) && isSamePoint(a, b) && isSameVariant(a, b),
)

/**
 * Names variants by what differs between the variants of one prover that are shown: `gnark`, or `gnark scale_bits=8`
 * and `gnark scale_bits=12`. Null for rows that name no prover and differ in nothing.
 */
export function labelVariants(inView: Iterable<Variant>): (variant: Variant) => string | null {
  const byProver = Map.groupBy(inView, ({ prover }) => prover)
  const differing = new Map(Array.from(byProver, ([prover, own]) => [prover, findDiffering(own)]))
  return ({ prover, parts }) => {
    const names = differing.get(prover) ?? []
    const shown = names.flatMap((name) => (Object.hasOwn(parts, name) ? [showPart(name, parts[name])] : []))
    return [prover, ...shown].filter((part) => part !== null).join(' ') || null
  }
}

function findDiffering(variants: readonly Variant[]): string[] {
  const valuesOf = (name: string) => new Set(variants.map(({ parts }) => canonicalJson(parts[name] ?? null)))
  const names = new Set(variants.flatMap(({ parts }) => Object.keys(parts)))
  return [...names].filter((name) => valuesOf(name).size > 1)
}

function showPart(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (name === 'threads') return `${text} ${value === 1 ? 'thread' : 'threads'}`
  if (name === 'cpus') return `${text} ${value === 1 ? 'CPU' : 'CPUs'}`
  if (name === 'concurrency') return `${text} at once`
  if (name === 'warm') return name
  return name === 'page_cache' ? `${text} page cache` : `${name}=${text}`
}

/** Identity of what is repeated: a phase of a point with one variant. */
export const seriesKey = (row: Row) => `${row.phase} ${variantKey(row)}`

/** Separates measurements from different machines or clocks, which a baseline never pools. */
export const benchKey = rememberLast(
  (row: Row) =>
    canonicalJson([
      row.machine?.cpu ?? null,
      row.machine?.cores ?? null,
      row.machine?.['mem_limit_mb'] ?? null,
      readClock(row),
    ]),
  (a, b) => isSameJson(a.machine, b.machine) && readClock(a) === readClock(b),
)

/** Identity of a variant on one machine in one run. */
export const runKey = (row: Row) => `${JSON.stringify(runOf(row))} ${variantKey(row)} ${benchKey(row)}`

/** What times and memory depend on apart from the prover's code: the conditions a series was measured under. */
export type Conditions = Map<string, Set<string | number>>

/** What should be equal for all rows of a point. If it is not, the summary says so. */
export type Origin = 'prover version' | 'prover binary' | 'model' | 'machine'

interface Context {
  /** Without those that the row did not record. */
  conditions: readonly (readonly [string, string | number])[]
  origins: readonly (readonly [Origin, string])[]
}

/** Under what conditions a row was measured, and of what. Consecutive rows with equal conditions share one object. */
export const readContext = rememberLast(
  (row: Row): Context => ({ conditions: listConditions(row), origins: listOrigins(row) }),
  isMeasuredAlike,
)

/** Never true for rows whose contexts differ. */
function isMeasuredAlike(a: Row, b: Row): boolean {
  return (
    a.mem_source === b.mem_source &&
    a.time_source === b.time_source &&
    a.model_sha256 === b.model_sha256 &&
    haveSame(a.prover, b.prover, ['name', 'version', 'sha256']) &&
    haveSame(a.machine, b.machine, ['cpu', 'cores', 'mem_mb', 'mem_limit_mb']) &&
    isSameVariant(a, b) &&
    isSameJson(a.security, b.security)
  )
}

/** Comparing all of a machine for every row would take longer than the rest. */
function haveSame<Value extends object>(
  a: Value | null | undefined,
  b: Value | null | undefined,
  names: readonly (keyof Value)[],
): boolean {
  return a === b || (a != null && b != null && names.every((name) => a[name] === b[name]))
}

/** Settings that mean something when unset: the prover's own choice, or no limit. */
const UNSET: Record<string, string> = {
  threads: "the prover's own choice",
  memory_limit_mb: 'none',
  launcher: 'none',
}

export const CLOCK = 'clock'
const CLOCKS = {
  wall: 'wall clock',
  marks: 'wall clock between marks',
  printed: "the prover's own time",
} as const
export const MEMORY_SOURCE = 'memory measurement'
export const MACHINE_MEMORY = 'memory of the machine (MB)'
export const PROVER = 'prover'

function listConditions(row: Row): [string, string | number][] {
  const { machine, settings, security, prover, mem_source } = row
  const found: [string, unknown][] = [
    ['CPU', machine?.cpu],
    ['cores', machine?.cores],
    [MACHINE_MEMORY, machine?.mem_mb],
    ['memory limit of its container (MB)', machine && (machine.mem_limit_mb ?? 'none')],
    ...Object.entries(settings ? { ...UNSET, ...settings } : {})
      .filter(([name]) => name !== 'sampling')
      .map(([name, value]): [string, unknown] => [`setting ${name}`, value]),
    ...Object.entries(VARIANT_FIELDS).map(([name, standard]): [string, unknown] => [
      `setting ${name.replaceAll('_', ' ')}`,
      row[name] ?? standard,
    ]),
    ...Object.entries(security ?? {}).map(([name, value]): [string, unknown] => [`security ${name}`, value]),
    [PROVER, prover?.name],
    [CLOCK, CLOCKS[row.time_source ?? 'printed']],
    [MEMORY_SOURCE, mem_source],
  ]
  return found.flatMap(([name, value]): [string, string | number][] => {
    if (value == null) return []
    return [[name, typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}

function listOrigins({ prover, model_sha256, machine }: Row): [Origin, string][] {
  const found: [Origin, string | null | undefined][] = [
    ['prover version', prover?.version],
    ['prover binary', prover?.sha256],
    ['model', model_sha256],
    ['machine', machine?.cpu && `${machine.cpu}, ${machine.cores} cores`],
  ]
  return found.flatMap(([name, value]): [Origin, string][] => (value ? [[name, value]] : []))
}
