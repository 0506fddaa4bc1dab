import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import jStat from 'jstat'
import { median } from 'simple-statistics'
import { isDisturbed } from '../../src/row/disturbance.ts'
import { Samples } from '../../src/row/figures.ts'
import type { Phase } from '../../src/row/schema.ts'
import { type Series, startSeries } from '../../src/row/series.ts'
import { readBudgets, gateSchema } from '../../src/gate/options.ts'
import { judge } from '../../src/gate/judge.ts'
import type { Check } from '../../src/gate/verdict.ts'

/** A line of fixtures/certification, as scripts/collect-runs.ts writes it. */
export interface Line {
  run: string
  prover: string
  side?: 'a' | 'b'
  phase: Phase
  /** Places of the iterations among those of both sides, in the order in which they ran. */
  at?: number[]
  time_s: number[]
  cpu_s: number[]
  mem_mb: number[]
  /** Absent where the rows had no evidence. */
  disturbed?: (number | null)[]
}

/** A number of cases, and how many of them something is true of. */
interface Share {
  some: number
  all: number
  /** 95 % interval. */
  interval: [number, number]
}

/** The gate's verdicts on comparisons of a build with itself, in which one phase may have been slowed down. */
interface RealOutcome {
  machine: string
  design: Design
  comparisons: number
  /** Comparisons in which a figure regressed that did not change. */
  falseAlarms: Share
  /** Unchanged figures. */
  ok: Share
  inconclusive: Share
  /** Comparisons in which the slowdown of one phase was found; null without one. */
  found: Share | null
}

interface Design {
  what: string
  limit: string
  /** Runs of the baseline; 0 for a comparison in turns. */
  baseline: number
  slowdown: number
}

const MACHINES = ['idle', 'idle-before', 'in-use', 'busy', 'shared'] as const

const DESIGNS: Design[] = [
  { what: 'one run against one', limit: '+5 %', baseline: 1, slowdown: 0 },
  { what: 'one run against five', limit: '+5 %', baseline: 5, slowdown: 0 },
  { what: 'in turns, 20 pairs', limit: '+5 %', baseline: 0, slowdown: 0 },
  { what: 'in turns, 20 pairs', limit: '+10 %', baseline: 0, slowdown: 0 },
  { what: 'in turns, 20 pairs', limit: '+5 %', baseline: 0, slowdown: 0.2 },
  { what: 'one run against one', limit: '+5 %', baseline: 1, slowdown: 1 },
  { what: 'one run against one', limit: '+5 %', baseline: 1, slowdown: 2 },
]

/** The default floor of times: a phase that is shorter has to double to exceed it, so there is little to learn from it. */
export const LEAST_S = gateSchema.parse({}).floors.time_s
const LEAST_PAIRS = 20

/** Judges the real runs that are in a folder: separate ones in disjoint groups, and comparisons in turns. */
export function judgeRealRuns(folder: string): RealOutcome[] {
  return listMachines(folder).flatMap(({ machine, runs }) =>
    DESIGNS.flatMap((design) => {
      const comparisons = listComparisons(runs, design)
      return comparisons.length ? [{ machine, design, ...judgeAll(comparisons, design) }] : []
    }),
  )
}

/** How many phases the rows of each machine mark as disturbed; rows of older versions do not record it. */
export function countDisturbed(folder: string): { machine: string; disturbed: Share }[] {
  return listMachines(folder).flatMap(({ machine, runs }) => {
    const marks = runs.map((lines) =>
      lines
        .flatMap(({ disturbed = [] }) => disturbed)
        .map((share) => isDisturbed({ disturbed: share }))
        .filter((is) => is !== undefined),
    )
    const known = marks.filter((own) => own.length)
    const counts = known.map((own) => ({ some: own.filter(Boolean).length, all: own.length }))
    return known.length ? [{ machine, disturbed: clusteredShare(counts) }] : []
  })
}

function listMachines(folder: string) {
  return MACHINES.flatMap((machine) => {
    const file = join(folder, `${machine}.jsonl`)
    return existsSync(file) ? [{ machine, runs: readRealRuns(file) }] : []
  })
}

/** The lines of each run or comparison. */
export function readRealRuns(file: string): Line[][] {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return [
    ...Map.groupBy(
      lines.map((line) => JSON.parse(line) as Line),
      ({ run }) => run,
    ).values(),
  ]
}

interface Comparison {
  /** Lines of each run; for a comparison in turns, of the first side. */
  base: Line[][]
  now: Line[]
}

/** No run is in two comparisons, so they are independent. */
function listComparisons(runs: readonly Line[][], { baseline }: Design): Comparison[] {
  const long = runs.map((lines) => lines.filter(({ time_s: times }) => median(times) >= LEAST_S))
  if (baseline === 0) {
    return long
      .map((lines) => lines.filter(({ side, time_s: times }) => side && times.length >= LEAST_PAIRS))
      .filter(({ length }) => length)
      .map((lines) => ({
        base: [lines.filter(({ side }) => side === 'a')],
        now: lines.filter(({ side }) => side === 'b'),
      }))
  }
  const separate = long.filter(([first]) => first && !first.side)
  return [...Map.groupBy(separate, ([first]) => first!.prover).values()].flatMap((own) =>
    Array.from({ length: Math.floor(own.length / (baseline + 1)) }, (_, i) => {
      const group = own.slice(i * (baseline + 1), (i + 1) * (baseline + 1))
      return { base: group.slice(0, -1), now: group.at(-1)! }
    }),
  )
}

function judgeAll(comparisons: readonly Comparison[], { limit, baseline, slowdown }: Design) {
  const { budgets } = readBudgets(
    ['time_s', 'cpu_s', 'mem_mb'].map((metric) => `${metric}=${limit.replace(' ', '')}`),
  )
  // The fixture and LeNet take tenths of a second, which the default floor would hide.
  const rules = gateSchema.parse({ floors: { time_s: 0.001, mem_mb: 1 } })
  const judged = comparisons.map(({ base, now }, i) => {
    const slowed = slowdown ? now[i % now.length]!.phase : null
    const { checks } = judge({
      base: base.flatMap((run) => run.map((line) => toSeries(line))),
      now: now.map((line) => toSeries(line, line.phase === slowed ? slowdown : 0)),
      budgets,
      rules,
      sides: baseline === 0,
    })
    const unchanged = checks.filter(({ phase, metric }) => phase !== slowed || metric === 'mem_mb')
    const isFound = checks.some(
      ({ phase, metric, verdict }) => phase === slowed && metric === 'time_s' && verdict === 'regression',
    )
    const of = (verdict: Check['verdict']) => unchanged.filter((check) => check.verdict === verdict).length
    return { isFound, all: unchanged.length, of }
  })
  const figures = (verdict: Check['verdict']) =>
    clusteredShare(judged.map(({ all, of }) => ({ some: of(verdict), all })))
  return {
    comparisons: judged.length,
    falseAlarms: shareOf(judged.filter(({ of }) => of('regression')).length, judged.length),
    ok: figures('ok'),
    inconclusive: figures('inconclusive'),
    found: slowdown ? shareOf(judged.filter(({ isFound }) => isFound).length, judged.length) : null,
  }
}

function toSeries({ run, prover, phase, disturbed = [], ...figures }: Line, slowdown = 0): Series {
  const series = startSeries({
    run_id: run,
    phase,
    track: 'lenet',
    point: 'lenet',
    params: {},
    prover: { name: prover },
  })
  const slower = (values: readonly number[]) => new Samples(values.map((value) => value * (1 + slowdown)))
  return {
    ...series,
    statuses: new Map([['ok', figures.time_s.length]]),
    numbers: new Map([
      ['time_s', slower(figures.time_s)],
      ['cpu_s', slower(figures.cpu_s)],
      ['mem_mb', new Samples(figures.mem_mb)],
    ]),
    shares: new Samples(disturbed.map((share) => share ?? Number.NaN)),
  }
}

/** The outcomes as a Markdown table, with what the rows say about the machines. */
export function renderRealRuns(
  outcomes: readonly RealOutcome[],
  machines: ReturnType<typeof countDisturbed>,
): string {
  const head = [
    'machine',
    'comparison',
    'limit',
    'one phase longer by',
    'comparisons',
    'with a false regression',
    'unchanged figures ok',
    'inconclusive',
    'slowdown found',
  ]
  const rows = outcomes.map(({ machine, design, comparisons, falseAlarms, ok, inconclusive, found }) => [
    machine,
    design.what,
    design.limit,
    design.slowdown ? `${100 * design.slowdown} %` : '',
    String(comparisons),
    `${falseAlarms.some} (${formatInterval(falseAlarms)})`,
    `${percent(ok)} (${formatInterval(ok)})`,
    percent(inconclusive),
    found ? `${percent(found)} (${formatInterval(found)})` : '',
  ])
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const marked = machines.map(
    ({ machine, disturbed }) =>
      `- ${machine}: ${percent(disturbed)} of ${disturbed.all} phases are marked as disturbed (${formatInterval(disturbed)})`,
  )
  return [...table, ...(marked.length ? ['', ...marked] : [])].join('\n')
}

const percent = ({ some, all }: Share) => `${Math.round((100 * some) / all)} %`
const formatInterval = ({ interval: [lo, hi] }: Share) =>
  `${(100 * lo).toFixed(0)} to ${(100 * hi).toFixed(0)} %`

const shareOf = (some: number, all: number): Share => ({ some, all, interval: exactInterval(some, all) })

function clusteredShare(clusters: readonly Count[]): Share {
  const total = (name: keyof Count) => clusters.reduce((sum, cluster) => sum + cluster[name], 0)
  return { some: total('some'), all: total('all'), interval: clusteredInterval(clusters) }
}

interface Count {
  some: number
  all: number
}

/**
 * Korn and Graubard's 95 % interval of a share that was counted in clusters, such as the figures of a comparison, which
 * have the machine in common: Clopper and Pearson's for the number of independent figures that would scatter as much.
 */
export function clusteredInterval(clusters: readonly Count[]): [number, number] {
  const all = clusters.reduce((sum, cluster) => sum + cluster.all, 0)
  const share = clusters.reduce((sum, { some }) => sum + some, 0) / all
  const count = clusters.length
  const squares = clusters.reduce((sum, own) => sum + (own.some - share * own.all) ** 2, 0)
  const variance = ((count / (count - 1)) * squares) / all ** 2
  // Clusters that all agree do not show how much they scatter: each counts as one.
  if (count === 1 || variance === 0) return exactInterval(share * count, count)
  const reach = (n: number) => jStat.studentt.inv(0.975, n - 1)
  const alike = ((share * (1 - share)) / variance) * (reach(all) / reach(count)) ** 2
  const effective = Math.min(all, alike)
  return exactInterval(share * effective, effective)
}

/** Clopper and Pearson's 95 % interval of a share. */
export function exactInterval(some: number, all: number): [number, number] {
  return [
    some === 0 ? 0 : jStat.beta.inv(0.025, some, all - some + 1),
    some === all ? 1 : jStat.beta.inv(0.975, some + 1, all - some),
  ]
}
