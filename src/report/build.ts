import { listDifferences } from '../row/proved.ts'
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
import { describeProver, describeSettings, labelProver } from './machine.ts'
import { compareToBaseline, describePoint, firstRow } from './points.ts'

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
  const modelIndex = numberModels()
  const describe = ([, point]: [string, CollectedPoint]) => describePoint(point, modelIndex)
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
        Array.from(now.points.values(), firstRow).map((row) => ({
          name: labelProver(row) ?? 'unknown prover',
          security: row.security,
        })),
      ),
      machines: distinct(runs.filter(({ is_now }) => is_now).map(({ machine }) => machine)),
      provers: distinct(Array.from(now.points.values(), (point) => describeProver(firstRow(point)))),
      settings: distinct(Array.from(now.points.values(), (point) => describeSettings(firstRow(point)))),
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
  const baseIndex = new Map(sides.base.map(([key], i) => [key, i]))
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
  const missing = [...now.points.keys()].filter((key) => !base.points.has(key)).length
  return missing > 0 ? [`${missing} of ${now.points.size} points are not in the baseline`] : []
}
