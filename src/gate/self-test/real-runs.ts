import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import jStat from 'jstat'
import { Samples } from '../../row/figures.ts'
import type { Phase } from '../../row/schema.ts'
import { type Series, startSeries } from '../../row/series.ts'
import { readBudgets, gateSchema } from '../options.ts'
import { judge } from '../judge.ts'
import type { Check } from '../verdict.ts'

/** A line of fixtures/certification, as scripts/collect-runs.ts writes it. */
interface Line {
  run: string
  prover: string
  side?: 'a' | 'b'
  phase: Phase
  time_s: number[]
  cpu_s: number[]
  mem_mb: number[]
  /** Absent where the rows had no evidence. */
  disturbed?: (number | null)[]
}

/** What the gate says of comparisons of a build with itself, or with itself slowed down. */
interface RealOutcome {
  machine: string
  what: string
  comparisons: number
  /** Comparisons with any false regression; for slowed ones the figures that were found. */
  regressions: number
  /** Figures that were judged, and their verdicts. */
  figures: number
  ok: number
  inconclusive: number
}

const MACHINES = ['idle', 'busy', 'shared'] as const

/** Judges the real runs that are in a folder: separate ones in disjoint pairs, and comparisons in turns. */
export function judgeRealRuns(folder: string): RealOutcome[] {
  return MACHINES.flatMap((machine) => {
    const file = join(folder, `${machine}.jsonl`)
    if (!existsSync(file)) return []
    const text = readFileSync(file, 'utf8').trim()
    const lines = text.split('\n').map((line) => JSON.parse(line) as Line)
    const runs = [...Map.groupBy(lines, ({ run }) => run).values()]
    const separate = runs.filter(([first]) => !first!.side)
    const inTurns = runs.filter(([first]) => first!.side)
    const pairs = [...Map.groupBy(separate, ([first]) => first!.prover).values()].flatMap(listPairs)
    const sidesOf = (run: Line[]) =>
      (['a', 'b'] as const).map((side) => run.filter((line) => line.side === side)) as [Line[], Line[]]
    const turns = inTurns.map(sidesOf)
    return [
      count(machine, 'one run against one, +5 %', pairs, { budget: '+5%' }),
      count(machine, 'in turns, +5 %', turns, { budget: '+5%', sides: true }),
      count(machine, 'in turns, +10 %', turns, { budget: '+10%', sides: true }),
      count(machine, 'in turns, 20 % slower, +5 %', turns, { budget: '+5%', sides: true, slowdown: 0.2 }),
    ].filter(({ comparisons }) => comparisons)
  })
}

/** The first with the second, the third with the fourth: no run is in two pairs, so the pairs are independent. */
function listPairs<Run>(runs: readonly Run[]): [Run, Run][] {
  return Array.from({ length: Math.floor(runs.length / 2) }, (_, i) => [runs[2 * i]!, runs[2 * i + 1]!])
}

interface CountOptions {
  budget: string
  sides?: boolean
  slowdown?: number
}

function count(
  machine: string,
  what: string,
  comparisons: readonly (readonly [Line[], Line[]])[],
  { budget, sides = false, slowdown = 0 }: CountOptions,
): RealOutcome {
  const metrics = slowdown ? ['time_s', 'cpu_s'] : ['time_s', 'cpu_s', 'mem_mb']
  const { budgets } = readBudgets(metrics.map((metric) => `${metric}=${budget}`))
  // The fixture and LeNet take hundredths to tenths of a second, which the default floor would hide.
  const rules = gateSchema.parse({ floors: { time_s: 0.001, mem_mb: 1 } })
  const reports = comparisons.map(([base, now]) =>
    judge({
      base: base.map((line) => toSeries(line)),
      now: now.map((line) => toSeries(line, slowdown)),
      budgets,
      rules,
      sides,
    }),
  )
  const checks = reports.flatMap((report) => report.checks)
  const of = (verdict: Check['verdict']) => checks.filter((check) => check.verdict === verdict).length
  return {
    machine,
    what,
    comparisons: comparisons.length,
    regressions: slowdown ? of('regression') : reports.filter(({ counts }) => counts['regression']).length,
    figures: checks.length,
    ok: of('ok'),
    inconclusive: of('inconclusive'),
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
  const shares = disturbed.filter((share) => share !== null)
  return {
    ...series,
    statuses: new Map([['ok', figures.time_s.length]]),
    numbers: new Map([
      ['time_s', slower(figures.time_s)],
      ['cpu_s', slower(figures.cpu_s)],
      ['mem_mb', new Samples(figures.mem_mb)],
    ]),
    shares: new Samples(shares),
  }
}

/** The outcomes as a Markdown table. */
export function renderRealRuns(outcomes: readonly RealOutcome[]): string {
  const head = [
    'machine',
    'comparison',
    'comparisons',
    'with a regression (95 % interval)',
    'figures ok',
    'inconclusive',
    'slowdown found',
  ]
  const part = (some: number, all: number) => `${Math.round((100 * some) / all)} %`
  const rows = outcomes.map(({ machine, what, comparisons, regressions, figures, ok, inconclusive }) => {
    const isSlowed = what.includes('slower')
    const [lo, hi] = exactInterval(regressions, comparisons)
    return [
      machine,
      what,
      String(comparisons),
      isSlowed ? '' : `${regressions} (${(100 * lo).toFixed(0)} to ${(100 * hi).toFixed(0)} %)`,
      part(ok, figures),
      part(inconclusive, figures),
      isSlowed ? part(regressions, figures) : '',
    ]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Clopper and Pearson's 95 % interval of a share. */
export function exactInterval(some: number, all: number): [number, number] {
  return [
    some === 0 ? 0 : jStat.beta.inv(0.025, some, all - some + 1),
    some === all ? 1 : jStat.beta.inv(0.975, some + 1, all - some),
  ]
}
