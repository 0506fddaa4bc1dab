import { expect, test } from 'vitest'
import { adjustHolm } from './mann-whitney.ts'

test('adjusts step by step, in the order given, and never above 1', () => {
  // Worked by hand: 0.01 * 4, max(0.04, 0.02 * 3), max(0.06, 0.03 * 2), max(0.06, 0.5 * 1).
  expect(adjustHolm([0.03, 0.01, 0.5, 0.02])).toEqual([0.06, 0.04, 0.5, 0.06])
  expect(adjustHolm([0.6, 0.7])).toEqual([1, 1])
  expect(adjustHolm([])).toEqual([])
})
