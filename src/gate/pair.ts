import { isCounter, isMemory, isTime } from '../row/metrics.ts'
import { MAX_RUNS } from './baseline-rows.ts'
import { type Budget, readBudgets } from './options.ts'
import { hasMetric, type Series } from '../row/series.ts'
import type { Check } from './verdict.ts'
import { CLOCK, type Conditions, MACHINE_MEMORY, MEMORY_SOURCE, PROVER } from '../row/identity.ts'

/** A current series and the one that it is judged against. */
export interface Pair {
  now: Series
  /** The last run of the baseline; null if it has nothing for this point. */
  base: Series | null
  /** Every run of the baseline, oldest first: what varies from run to run is judged against all of them. */
  runs: readonly Series[]
}

interface Pairing {
  pairs: Pair[]
  /** Series of the baseline that the current run did not measure. */
  unmeasured: Series[]
}

/**
 * Finds the counterpart of each series in the baseline: the same point, prover and phase at the same settings;
 * otherwise the only one at other settings; otherwise the only one of another prover. The last two are compared as far
 * as their conditions allow. If the baseline has several machines, the series' own machine comes first, then the last
 * one.
 */
export function pairSeries(now: readonly Series[], base: readonly Series[]): Pairing {
  const byKey = Map.groupBy(base, ({ key }) => key)
  const byPlace = Map.groupBy(base, ({ place }) => place)
  const pairs = now.map((own): Pair => {
    const same = byKey.get(own.key) ?? []
    const others = same.length ? same : (byPlace.get(own.place) ?? [])
    const alike = same.filter(({ settingsKey }) => settingsKey === own.settingsKey)
    const isOnly = new Set(others.map(({ owner }) => owner)).size === 1
    const candidates = alike.length || !isOnly ? alike : others
    const bench = candidates.some((one) => one.bench === own.bench) ? own.bench : candidates.at(-1)?.bench
    const runs = candidates.filter((one) => one.bench === bench).slice(-MAX_RUNS)
    return { now: own, base: runs.at(-1) ?? null, runs }
  })
  const used = new Set(pairs.flatMap(({ runs }) => runs))
  const places = new Set(now.map(({ place }) => place))
  return { pairs, unmeasured: base.filter((own) => !used.has(own) && !places.has(own.place)) }
}

/** Pairs the two sides of a comparison: the same point and phase, with any prover and settings. */
export function pairSides(now: readonly Series[], base: readonly Series[]): Pairing {
  const byPlace = new Map(base.map((own) => [own.place, own]))
  const pairs = now.map((own) => {
    const other = byPlace.get(own.place)
    return { now: own, base: other ?? null, runs: other ? [other] : [] }
  })
  const places = new Set(now.map(({ place }) => place))
  return { pairs, unmeasured: base.filter(({ place }) => !places.has(place)) }
}

/** Whether a phase never ran, for example because the prover does not support the model. */
export const isSkipped = ({ statuses }: Series) => statuses.size === 1 && statuses.has('skipped')

/**
 * Pairs that were skipped now although no phase of their point failed: this run lost what the baseline has. After a
 * failure, the failure itself is reported instead.
 */
export function findSkipped(pairs: readonly Pair[]): ReadonlySet<Pair> {
  const failed = new Set(pairs.filter(({ now }) => findFailure(now).length).map(({ now }) => now.owner))
  return new Set(pairs.filter(({ now }) => isSkipped(now) && !failed.has(now.owner)))
}

/**
 * The check for a phase that sometimes failed, or whose verifier accepted a forgery. A skipped phase is not a failure:
 * an earlier phase failed, or the prover does not support the model.
 */
export function findFailure(series: Series): Check[] {
  const { track, point, phase, prover, label, statuses, accepted } = series
  const failed = [...statuses].filter(([status]) => status !== 'ok' && status !== 'skipped')
  const reasons = [
    ...failed.map(([status, n]) => `${n} ${status.replaceAll('_', ' ')}`),
    ...[...accepted].map((forged) => `a forged ${forged} was accepted`),
  ]
  if (!reasons.length) return []
  const place = { metric: 'status', track, point, phase, prover, variant: label, limit: null, level: null }
  return [{ verdict: 'failed', ...place, reason: reasons.join(', '), statuses: Object.fromEntries(statuses) }]
}

/** Default limits of a comparison: anything that grows by more than this is worse. */
const DEFAULT_BUDGETS = ['time_s=+5%', 'mem_mb=+5%', 'ecc.totalCost=0%']

/** The budgets of a comparison: the given ones, or else the defaults for what was measured. */
export function budgetsOfComparison(given: readonly Budget[], series: readonly Series[]): readonly Budget[] {
  if (given.length) return given
  // Counters of two provers can share a name but count different things.
  const isOneProver = new Set(series.map(({ prover }) => prover)).size === 1
  return readBudgets(DEFAULT_BUDGETS).budgets.filter(
    ({ metric }) => series.some((own) => hasMetric(own, metric)) && (isOneProver || !isCounter(metric)),
  )
}

/** The series of both sides: the second is judged against the first. */
export function splitSides(series: readonly Series[]): { a: Series[]; b: Series[] } {
  return { a: series.filter(({ side }) => side === 'a'), b: series.filter(({ side }) => side === 'b') }
}

/** Machines of the same type report slightly different sizes because their kernels reserve different amounts. */
const MEMORY_TOLERANCE = 0.02

export interface Comparison {
  /** The differences, in words: `threads: 4 in the baseline, 8 now`. */
  differ: string[]
  /** Names recorded only in the baseline, or only in the current rows. */
  onlyBaseline: string[]
  onlyNow: string[]
  /** Names that every comparison needs but neither side recorded. */
  unknown: string[]
}

/** What two rows must share for their times to be comparable, with any prover and any settings. */
const EXPECTED = ['CPU', 'cores', MACHINE_MEMORY, 'setting threads', 'security bits', PROVER]

/** What two sides of a comparison are meant to differ in, so it does not make them incomparable. */
const CHOSEN = (name: string) => name === PROVER || /^(?:setting|security) /.test(name)

/**
 * Whether times or memory of the two sides are comparable. `chosen` ignores what differs on purpose when a user
 * compares two provers or settings.
 */
export function compareConditions(
  metric: string,
  base: Conditions,
  now: Conditions,
  { chosen = false } = {},
): Comparison {
  const result: Comparison = { differ: [], onlyBaseline: [], onlyNow: [], unknown: [] }
  for (const name of new Set([...EXPECTED, ...base.keys(), ...now.keys()])) {
    if (name === CLOCK && !isTime(metric)) continue
    if (name === MEMORY_SOURCE && !isMemory(metric)) continue
    if (chosen && CHOSEN(name)) continue
    const [before, after] = [base.get(name), now.get(name)]
    const label = name.replace(/^setting /, '')
    if (before && after) {
      if (!overlap(name, before, after))
        result.differ.push(`${label}: ${list(before)} in the baseline, ${list(after)} now`)
    } else if (before) result.onlyBaseline.push(label)
    else if (after) result.onlyNow.push(label)
    else result.unknown.push(label)
  }
  return result
}

function overlap(name: string, before: Set<string | number>, after: Set<string | number>): boolean {
  if (name !== MACHINE_MEMORY) return [...before].some((value) => after.has(value))
  return [...before].some((a) =>
    [...after].some((b) => Math.abs(Number(a) - Number(b)) <= MEMORY_TOLERANCE * Number(a)),
  )
}

const list = (values: Set<string | number>) => [...values].join(' and ')
