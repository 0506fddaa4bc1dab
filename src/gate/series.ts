import { settingsKey } from '../row/settings-key.ts'
import { getOrAdd } from '../row/get-or-add.ts'
import { readOutcome } from '../row/outcome.ts'
import { phaseKey, pointKey, pointName } from '../row/point-key.ts'
import { runOf } from '../row/runs.ts'
import type { Phase, Row, Status } from '../row/schema.ts'
import { readConditions, type Conditions } from './conditions.ts'
import { readMetrics } from './metric.ts'

/** The good repetitions of one phase of one point, with one prover at one setting, in one run. */
export interface Series {
  /** Identity of point, prover and phase. */
  key: string
  /** Identity of the point and phase alone, whatever the prover. */
  place: string
  settingsKey: string
  /** Identity of the point, the prover and its settings, for what all phases share. */
  owner: string
  run: string | null
  track: string | null
  point: string
  phase: Phase
  prover: string | null
  /** Side of a comparison. */
  side: 'a' | 'b' | null
  /** Versions of its prover, as the rows name them. */
  versions: Set<string>
  /** Rows by how they ended. */
  statuses: Map<Status, number>
  /** What was forged and accepted all the same: proofs, outputs. */
  accepted: Set<string>
  /** Every repetition of every number, in the order measured. */
  numbers: Map<string, number[]>
  /** The different values of every digest. */
  digests: Map<string, Set<string>>
  /** Artifacts that its prover declares to be the same in every run. */
  deterministic: Map<string, 'bytes' | 'size'>
  conditions: Conditions
}

export function startSeries(row: Row): Series {
  return {
    key: phaseKey(row),
    place: phaseKey({ ...row, prover: null, side: null }),
    settingsKey: settingsKey(row.settings),
    owner: `${pointKey(row)} ${settingsKey(row.settings)}`,
    run: runOf(row),
    track: row.track ?? null,
    point: pointName({ ...row, side: null }),
    phase: row.phase,
    prover: row.prover?.name ?? null,
    side: row.side ?? null,
    versions: new Set(),
    statuses: new Map(),
    accepted: new Set(),
    numbers: new Map(),
    digests: new Map(),
    deterministic: new Map(),
    conditions: new Map(),
  }
}

export function addRow(series: Series, row: Row): void {
  const status = readOutcome(row)
  series.statuses.set(status, (series.statuses.get(status) ?? 0) + 1)
  for (const [forged, outcome] of Object.entries(row.controls ?? {})) {
    if (outcome === 'accepted') series.accepted.add(forged)
  }
  if (status !== 'ok') return
  if (row.prover?.version) series.versions.add(row.prover.version)
  const { numbers, digests } = readMetrics(row)
  for (const [metric, values] of numbers) {
    const all = getOrAdd(series.numbers, metric, () => [])
    for (const value of values) all.push(value)
  }
  for (const [metric, value] of digests) getOrAdd(series.digests, metric, () => new Set()).add(value)
  for (const [artifact, how] of Object.entries(row.prover?.deterministic ?? {})) {
    series.deterministic.set(artifact, how)
  }
  for (const [name, value] of readConditions(row)) {
    getOrAdd(series.conditions, name, () => new Set()).add(value)
  }
}

/** Adds what another series of the same key measured, in another run say. */
export function mergeSeries(into: Series, other: Series): void {
  for (const [status, n] of other.statuses) into.statuses.set(status, (into.statuses.get(status) ?? 0) + n)
  for (const [metric, values] of other.numbers) {
    const all = getOrAdd(into.numbers, metric, () => [])
    for (const value of values) all.push(value)
  }
  for (const [metric, values] of other.digests) {
    const all = getOrAdd(into.digests, metric, () => new Set())
    for (const value of values) all.add(value)
  }
  for (const forged of other.accepted) into.accepted.add(forged)
  for (const version of other.versions) into.versions.add(version)
  for (const [artifact, how] of other.deterministic) into.deterministic.set(artifact, how)
  for (const [name, values] of other.conditions) {
    const all = getOrAdd(into.conditions, name, () => new Set())
    for (const value of values) all.add(value)
  }
}

export const okCount = ({ statuses }: Series) => statuses.get('ok') ?? 0

export function hasMetric({ numbers, digests }: Series, metric: string): boolean {
  return numbers.has(metric) || digests.has(metric)
}

export function metricsOf({ numbers, digests }: Series): string[] {
  return [...numbers.keys(), ...digests.keys()]
}
