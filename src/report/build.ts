import { distinct, getOrAdd } from '../row/collections.ts'
import { clockedKey, labelVariants, pointKey } from '../row/identity.ts'
import { readClock } from '../row/outcome.ts'
import { listDifferences } from '../row/proved.ts'
import { labelSeries } from '../row/series.ts'
import { findSpeedUps, withoutThreads } from '../row/speedup.ts'
import { type CollectedPoint, MAX_DRAWN_RUNS, orderRuns, type RowCollector } from './collect.ts'
import type { ReportData, RunInfo } from './data.ts'
import { groupPoints } from './groups.ts'
import { traceHistory } from './history.ts'
import { describeProver, describeSettings, labelSide } from './machine.ts'
import { compareToBaseline, describePoint, firstSeries } from './points.ts'

/** Maximum number of points drawn. The rows of all points are in the table. */
const MAX_POINTS = 1000

interface ReportSources {
  now: RowCollector
  /** Rows of the baseline file, if one was named. */
  base?: RowCollector | undefined
  title: string
}

/** Builds what the report shows from the collected rows. */
export function buildReportData({ now, base, title }: ReportSources): ReportData {
  const runs = orderRuns(now.runs.values())
  const recent = runs.slice(-MAX_DRAWN_RUNS)
  const sides = { now: [...now.points.values()], base: [...(base?.points.values() ?? [])] }
  const inView = [...sides.now, ...sides.base]
  labelSeries(inView.flatMap((point) => [...point.values()]))
  const shown = sides.now.map(firstSeries)
  const models = new Map<string, number>()
  const speedUps = new Map([...findSpeedUps(sides.now), ...findSpeedUps(sides.base)])
  const lineOf = labelVariants(
    inView.flatMap((point) => {
      const { first, variant } = firstSeries(point)
      return first.reported ? [] : [withoutThreads(variant)]
    }),
  )
  const describe = (point: CollectedPoint) =>
    describePoint(point, {
      modelIndex: (key) => getOrAdd(models, key, () => models.size),
      speedups: speedUps.get(point) ?? [],
      lineOf,
    })
  const points = {
    now: sides.now.slice(0, MAX_POINTS).map(describe),
    base: sides.base.slice(0, MAX_POINTS).map(describe),
  }
  const matches = matchBaseline(sides)
  return {
    title,
    points,
    groups: groupPoints(points),
    run_count: runs.length,
    runs: recent.map(({ traces: _traces, ...run }) => run),
    history: traceHistory(recent, MAX_POINTS),
    ratios: points.now.flatMap(({ figures }, index) => {
      const at = matches[index]
      const before = at === undefined ? undefined : points.base[at]
      if (!before) return []
      const own = { figures, point: sides.now[index]! }
      return compareToBaseline(index, own, { figures: before.figures, point: sides.base[at!]! })
    }),
    conditions: {
      differences: listDifferences(
        shown.map(({ first, label }) => ({
          name: labelSide(label, first.side) ?? 'unknown prover',
          security: first.security,
        })),
      ),
      machines: listDistinct(runs.map(({ is_now, machine }) => (is_now ? machine : null))),
      provers: listDistinct(shown.map(({ first }) => describeProver(first))),
      settings: listDistinct(shown.map(({ first }) => describeSettings(first))),
    },
    notes: [
      ...noteCut('points', sides.now.length, MAX_POINTS),
      ...noteCut('points of the baseline', sides.base.length, MAX_POINTS),
      ...noteCut('runs', runs.length, MAX_DRAWN_RUNS),
      ...(base ? noteUnmatched(sides.base, matches) : []),
      ...noteMachines(recent, [...(base?.runs.values() ?? [])]),
      ...noteZoneless(now.zoneless),
    ],
  }
}

/** Lines and ratios between machines look like changes of the program. */
function noteMachines(runs: readonly RunInfo[], base: readonly RunInfo[]): string[] {
  const machinesOf = (own: readonly RunInfo[]) => distinct(own.map(({ machine }) => machine))
  const now = machinesOf(runs.filter(({ is_now }) => is_now))
  const all = machinesOf(runs)
  return [
    ...(all.length > 1
      ? [
          `the runs are from ${all.length} machines or systems (see Conditions): changes over time may be theirs`,
        ]
      : []),
    ...(now.length > 0 && machinesOf(base).some((machine) => !now.includes(machine))
      ? ['rows of the baseline are from another machine or system: changes from them may be due to that']
      : []),
  ]
}

function noteZoneless(rows: number): string[] {
  if (!rows) return []
  return [
    `${rows} ${rows === 1 ? 'row has a time' : 'rows have times'} without a zone: sorted among the others as if in UTC`,
  ]
}

/**
 * The index of the baseline's point that each shown point is compared with: the same variant, or else the only variant of
 * its prover on both sides.
 */
function matchBaseline({ now, base }: Record<'now' | 'base', CollectedPoint[]>): (number | undefined)[] {
  const keyOf = (point: CollectedPoint) => clockedKey(firstSeries(point).first)
  const placeOf = (point: CollectedPoint) => {
    const { first } = firstSeries(point)
    return `${readClock(first)} ${pointKey(first)}`
  }
  const byKey = new Map(base.map((point, i) => [keyOf(point), i]))
  const byPlace = Map.groupBy(base.keys(), (i) => placeOf(base[i]!))
  const variants = Map.groupBy(now, placeOf)
  return now.map((own) => {
    const others = byPlace.get(placeOf(own)) ?? []
    const isOnly = others.length === 1 && variants.get(placeOf(own))!.length === 1
    return byKey.get(keyOf(own)) ?? (isOnly ? others[0] : undefined)
  })
}

const MAX_DISTINCT = 20

const listDistinct = (values: readonly (string | null)[]) => distinct(values).slice(0, MAX_DISTINCT)

function noteCut(what: string, count: number, max: number): string[] {
  return count > max ? [`${count} ${what}: the plots show ${max} of them, the rows hold all`] : []
}

function noteUnmatched(base: readonly CollectedPoint[], matches: readonly (number | undefined)[]): string[] {
  if (!base.length) return ['the baseline holds no run but those that are shown, so it is left out']
  const missing = matches.filter((at) => at === undefined).length
  return missing > 0 ? [`${missing} of ${matches.length} points are not in the baseline`] : []
}
