import { getOrAdd } from '../row/collections.ts'
import { adjustHolm } from '../row/statistics/holm.ts'
import { compareNoisy, type NoisyComparison } from './compare-noisy.ts'
import type { Family } from './required-n.ts'
import type { Gate } from './select.ts'
import { numbersOf, type Series } from './series.ts'

/** The tests of one run: one for each noisy figure that a relative limit names. They share alpha. */
export interface TestFamily extends Family {
  find: (gate: Gate) => NoisyComparison | undefined
}

/** Tests every gate that can be tested, and corrects the p values of all of them together. */
export function testTogether(gates: readonly Gate[], alpha: number): TestFamily {
  const testable = listTestable(gates)
  const family = { alpha, tests: testable.length }
  const comparisons = testable.map(({ before, after }) => compareNoisy(before, after, family))
  const increases = adjustHolm(comparisons.map(({ pIncrease }) => pIncrease))
  const decreases = adjustHolm(comparisons.map(({ pDecrease }) => pDecrease))
  const tested = new Map<Series, Map<string, NoisyComparison>>()
  for (const [i, { series, metric }] of testable.entries()) {
    const adjusted = { ...comparisons[i]!, pIncrease: increases[i]!, pDecrease: decreases[i]! }
    getOrAdd(tested, series, () => new Map()).set(metric, adjusted)
  }
  return { ...family, find: ({ pair, metric }) => tested.get(pair.now)?.get(metric) }
}

interface Testable {
  series: Series
  metric: string
  before: readonly number[]
  after: readonly number[]
}

/** What can be tested, each figure once: two tiers of one figure are one test. */
function listTestable(gates: readonly Gate[]): Testable[] {
  const known = new Map<Series, Set<string>>()
  return gates.flatMap(({ metric, pair, budget, kind, conditions }): Testable[] => {
    if (kind !== 'noisy' || budget?.limit.kind !== 'relative' || conditions?.differ.length) return []
    const [before, after] = [numbersOf(pair.base, metric), numbersOf(pair.now, metric)]
    const own = getOrAdd(known, pair.now, () => new Set<string>())
    if (!before.length || !after.length || own.has(metric)) return []
    own.add(metric)
    return [{ series: pair.now, metric, before, after }]
  })
}
