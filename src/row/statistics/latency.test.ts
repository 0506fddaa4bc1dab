import { expect, test } from 'vitest'
import { describeLatency, findGrowth, unionLength } from './describe.ts'

const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

test('a percentile is stated only where enough values lie beyond it', () => {
  expect(describeLatency([])).toBeNull()
  expect(describeLatency(count(19))).toEqual({ p50: 10, p95: null, p99: null })
  expect(describeLatency(count(20))).toEqual({ p50: 10.5, p95: 19.05, p99: null })
  expect(describeLatency(count(100))).toEqual({ p50: 50.5, p95: 95.05, p99: 99.01 })
})

test('growth is what each iteration adds, whatever one of them does; ups and downs are none', () => {
  expect(findGrowth([100, 110, 120, 130, 140, 150])).toBe(10)
  expect(findGrowth([100, 260, ...count(10).map((i) => 110 + i * 10)])).toBeCloseTo(10)
  expect(findGrowth([100, 110, 120, 130, 140])).toBeNull()
  expect(findGrowth([100, 140, 100, 140, 100, 140])).toBeNull()
  expect(findGrowth([100, 100, 100, 100, 100])).toBeNull()
})

test('time in which stretches overlap counts once, and gaps do not count', () => {
  expect(unionLength([], [])).toBe(0)
  expect(unionLength([0, 1, 2, 10], [3, 2, 5, 11])).toBe(6)
  expect(unionLength([2, 0], [4, 2])).toBe(4)
})
