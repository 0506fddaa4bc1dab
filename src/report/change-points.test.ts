import { expect, test } from 'vitest'
import { drawLogNormal } from '../row/statistics/random.ts'
import { findChangePoints, findExactChanges } from './history.ts'

const noisy = (levels: readonly number[], spread: number, seed: number) => {
  const draw = drawLogNormal(spread, seed)
  return levels.map((level) => level * draw())
}
const levels = (...parts: [number, number][]) =>
  parts.flatMap(([count, level]) => Array.from({ length: count }, () => level))

test('a step is found where it is, with the levels on both sides', () => {
  const [change, ...others] = findChangePoints(noisy(levels([12, 1], [8, 1.2]), 0.03, 5))
  expect(others).toEqual([])
  expect(change!.at).toBe(12)
  expect(change!.after / change!.before).toBeCloseTo(1.2, 1)
})

test('two steps are both found', () => {
  const found = findChangePoints(noisy(levels([12, 1], [12, 1.5], [12, 1.1]), 0.03, 6))
  expect(found.map(({ at }) => at)).toEqual([12, 24])
})

test('noise alone is rarely a change', () => {
  const alarms = Array.from({ length: 400 }, (_, seed) =>
    findChangePoints(noisy(levels([30, 1]), 0.1, seed + 1), { seed }),
  ).filter((found) => found.length > 0)
  // 1 % each makes 4 of 400 expected; 12 or more has a probability of one in a thousand.
  expect(alarms.length).toBeLessThan(12)
})

test('one outlier, a change too small to tell, and few runs are no change', () => {
  expect(findChangePoints([1, 1.01, 0.99, 1, 1.02, 9, 1.01, 1, 0.98, 1.02, 1, 0.99])).toEqual([])
  expect(findChangePoints(levels([10, 1], [10, 1.02]))).toEqual([])
  expect(findChangePoints([1, 1, 1, 2, 2, 2])).toEqual([])
  expect(findChangePoints([])).toEqual([])
})

test('a counter changes wherever it changes', () => {
  expect(findExactChanges([5, 5, 6, 6, 5])).toEqual([
    { at: 2, before: 5, after: 6 },
    { at: 4, before: 6, after: 5 },
  ])
})
