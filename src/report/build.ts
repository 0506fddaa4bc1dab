import { labelVariants, pointKey } from '../row/identity.ts'
import { readClock } from '../row/outcome.ts'
import { listDifferences } from '../row/proved.ts'
import { labelSeries } from '../row/series.ts'
import { findSpeedUps, withoutThreads } from '../row/speedup.ts'
import {
  type CollectedPoint,
  type CollectedRun,
  MAX_DRAWN_RUNS,
  orderRuns,
  type RowCollector,
} from './collect.ts'
import type { BaselineRatio, ReportData, ReportPoint, RunInfo } from './data.ts'
import { groupPoints } from './groups.ts'
import { traceHistory } from './history.ts'
import { describeProver, describeSettings, labelSide } from './machine.ts'
import { compareToBaseline, describePoint, firstSeries } from './points.ts'

/** Maximum number of points drawn. The rows of all points are in the table. */
const MAX_POINTS = 1000

interface ReportSources {
  now: RowCollector
  /** Rows of the baseline's files, if one was named. */
  base?: RowCollector | undefined
  title: string
}

/** Builds what the report shows from the collected rows. */
export function buildReportData({ now, base, title }: ReportSources): ReportData {
  const runs = orderRuns(now.runs.values())
  const recent = runs.slice(-MAX_DRAWN_RUNS)
  const sides = {
    now: [...now.points].slice(0, MAX_POINTS),
    base: [...(base?.points ?? [])].slice(0, MAX_POINTS),
  }
  const inView = [...now.points.values(), ...(base?.points.values() ?? [])]
  labelSeries(inView.flatMap((point) => [...point.values()]))
  const shown = Array.from(now.points.values(), firstSeries)
  const modelIndex = numberModels()
  const speedUps = new Map([now, base].flatMap((side) => [...findSpeedUps(side?.points.values() ?? [])]))
  const lineOf = labelVariants(
    inView.flatMap((point) => {
      const { first, variant } = firstSeries(point)
      return first.reported ? [] : [withoutThreads(variant)]
    }),
  )
  const describe = ([, point]: [string, CollectedPoint]) =>
    describePoint(point, modelIndex, speedUps.get(point) ?? [], lineOf)
  const points = { now: sides.now.map(describe), base: sides.base.map(describe) }
  return {
    title,
    points,
    groups: groupPoints(points),
    run_count: runs.length,
    runs: recent.map(describeRun),
    history: traceHistory(recent, MAX_POINTS),
    ratios: compareSides(sides, points),
    conditions: {
      differences: listDifferences(
        shown.map(({ first, label }) => ({
          name: labelSide(label, first.side) ?? 'unknown prover',
          security: first.security,
        })),
      ),
      machines: distinct(runs.filter(({ is_now }) => is_now).map(({ machine }) => machine)),
      provers: distinct(shown.map(({ first }) => describeProver(first))),
      settings: distinct(shown.map(({ first }) => describeSettings(first))),
    },
    notes: [
      ...noteCut('points', now.points.size, MAX_POINTS),
      ...noteCut('points of the baseline', base?.points.size ?? 0, MAX_POINTS),
      ...noteCut('runs', runs.length, MAX_DRAWN_RUNS),
      ...(base ? noteUnmatched(now, base) : []),
      ...noteZoneless(now.zoneless),
    ],
  }
}

function noteZoneless(rows: number): string[] {
  if (!rows) return []
  return [
    `${rows} ${rows === 1 ? 'row has a time' : 'rows have times'} without a zone: sorted among the others as if in UTC`,
  ]
}

type Side = [string, CollectedPoint][]

function compareSides(
  sides: { now: Side; base: Side },
  points: { now: ReportPoint[]; base: ReportPoint[] },
): BaselineRatio[] {
  const baseIndex = matchBaseline(sides)
  return sides.now.flatMap(([key, point], index) => {
    const at = baseIndex.get(key)
    if (at === undefined) return []
    return compareToBaseline({
      index,
      figures: points.now[index]!.figures,
      now: point,
      base: sides.base[at]![1],
      baseFigures: points.base[at]!.figures,
    })
  })
}

/**
 * The point of the baseline that each shown point is compared with: the same variant, or else the only variant of its
 * prover on both sides.
 */
function matchBaseline({ now, base }: { now: Side; base: Side }): Map<string, number> {
  const placeOf = ([, point]: Side[number]) => {
    const { first } = firstSeries(point)
    return `${readClock(first)} ${pointKey(first)}`
  }
  const byKey = new Map(base.map(([key], i) => [key, i]))
  const byPlace = Map.groupBy(base.keys(), (i) => placeOf(base[i]!))
  const variants = Map.groupBy(now, placeOf)
  return new Map(
    now.flatMap((own): [string, number][] => {
      const others = byPlace.get(placeOf(own)) ?? []
      const isOnly = others.length === 1 && variants.get(placeOf(own))!.length === 1
      const at = byKey.get(own[0]) ?? (isOnly ? others[0] : undefined)
      return at === undefined ? [] : [[own[0], at]]
    }),
  )
}

function numberModels(): (key: string) => number {
  const seen = new Map<string, number>()
  return (key) => {
    const known = seen.get(key)
    if (known === undefined) seen.set(key, seen.size)
    return known ?? seen.size - 1
  }
}

function describeRun({
  id,
  started,
  ended,
  commit,
  dirty,
  rows,
  ok,
  machine,
  is_now,
}: CollectedRun): RunInfo {
  return { id, started, ended, commit, dirty, rows, ok, machine, is_now }
}

const MAX_DISTINCT = 20

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))].slice(0, MAX_DISTINCT)
}

function noteCut(what: string, count: number, max: number): string[] {
  return count > max ? [`${count} ${what}: the plots show ${max} of them, the rows hold all`] : []
}

function noteUnmatched(now: RowCollector, base: RowCollector): string[] {
  if (base.points.size === 0) return ['the baseline holds no run but those that are shown, so it is left out']
  const matched = matchBaseline({ now: [...now.points], base: [...base.points] })
  const missing = now.points.size - matched.size
  return missing > 0 ? [`${missing} of ${now.points.size} points are not in the baseline`] : []
}
