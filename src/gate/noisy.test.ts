import { expect, test } from 'vitest'
import { testMannWhitney } from '../row/statistics/mann-whitney.ts'
import { canDecide, requiredAgainst, requiredOnBoth, smallestP } from './noisy.ts'

test.each([
  [3, 3],
  [4, 7],
  [10, 10],
  [1, 12],
])('the smallest p of %i against %i is the one that the test gives for full separation', (n, m) => {
  const low = Array.from({ length: m }, (_, i) => i)
  const high = Array.from({ length: n }, (_, i) => 100 + i)
  expect(smallestP(n, m)).toBeCloseTo(testMannWhitney(high, low)!.pGreater, 12)
})

test('the n to use is the first that can decide, against a baseline or on both sides', () => {
  for (const family of [1, 8, 50, 400].map((tests) => ({ alpha: 0.01, tests }))) {
    const both = requiredOnBoth(family)
    expect(canDecide(both, both, family)).toBe(true)
    expect(canDecide(both - 1, both - 1, family)).toBe(false)
    const against = requiredAgainst(5, family)!
    expect(canDecide(against, 5, family)).toBe(true)
    expect(canDecide(against - 1, 5, family)).toBe(false)
  }
  expect(requiredOnBoth({ alpha: 0.01, tests: 1 })).toBe(5)
  expect(requiredOnBoth({ alpha: 0.01, tests: 50 })).toBe(8)
})

test('no number of repetitions makes up for a baseline of one, once there are many tests', () => {
  expect(requiredAgainst(1, { alpha: 0.01, tests: 1 })).toBe(99)
  expect(requiredAgainst(1, { alpha: 0.01, tests: 50 })).toBeNull()
  expect(canDecide(10, 0, { alpha: 0.01, tests: 1 })).toBe(false)
})
