import { median } from 'simple-statistics'
import { pointKey, type Variant } from './identity.ts'
import { canonicalJson } from './json.ts'
import { readClock } from './outcome.ts'
import { PHASES, type Phase } from './schema.ts'
import { numbersOf, type Series } from './series.ts'
import { bootstrapMedians } from './statistics/random.ts'

/** How much faster a phase is with more threads. */
export interface SpeedUp {
  phase: Phase
  threads: number
  /** The fewest threads that were measured: what it is compared with. */
  base: number
  /** Ratio of the medians of the times. */
  speedup: number
  /** 95 % bootstrap interval of the ratio; null with fewer than three times on a side. */
  lo: number | null
  hi: number | null
  /** Speed-up divided by the growth of the number of threads: 1 is ideal. */
  efficiency: number
}

type Phases = ReadonlyMap<Phase, Series>

const MIN_TIMES = 3

const firstOf = (phases: Phases): Series => [...phases.values()][0]!

/** The number of threads of a variant, or of the CPUs that it was limited to. */
function threadsOf(phases: Phases): number | null {
  const { threads, cpus } = firstOf(phases).variant.parts
  const number = threads ?? cpus
  return typeof number === 'number' && number > 0 ? number : null
}

/** A variant without its number of threads or CPUs. */
export function withoutThreads({ prover, parts }: Variant): Variant {
  const { threads: _threads, cpus: _cpus, ...others } = parts
  return { prover, parts: others }
}

/** Speed-up over the fewest threads, for variants of a point that differ only in the number of threads. */
export function findSpeedUps(pools: Iterable<Phases>): Map<Phases, SpeedUp[]> {
  const groups = Map.groupBy(
    [...pools].filter((phases) => threadsOf(phases) !== null),
    (phases) => {
      const { first, variant } = firstOf(phases)
      return `${readClock(first)} ${pointKey(first)} ${canonicalJson(withoutThreads(variant).parts)}`
    },
  )
  return new Map(
    [...groups.values()].flatMap((group) => {
      const [least, ...more] = group.toSorted((a, b) => threadsOf(a)! - threadsOf(b)!)
      return more.map((own) => [own, PHASES.flatMap((phase) => compare(least!, own, phase))] as const)
    }),
  )
}

function compare(least: Phases, more: Phases, phase: Phase): SpeedUp[] {
  const [base, threads] = [threadsOf(least)!, threadsOf(more)!]
  const before = numbersOf(least.get(phase), 'time_s')
  const after = numbersOf(more.get(phase), 'time_s')
  if (!before.length || !after.length || base === threads || median(after) <= 0) return []
  const speedup = median(before) / median(after)
  const interval =
    Math.min(before.length, after.length) < MIN_TIMES
      ? null
      : bootstrapMedians([before, after], ([a, b]) => a! / b!)
  const [lo, hi] = [interval?.lo ?? null, interval?.hi ?? null]
  return [{ phase, threads, base, speedup, lo, hi, efficiency: (speedup * base) / threads }]
}
