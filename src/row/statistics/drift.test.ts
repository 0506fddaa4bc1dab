import { expect, test } from 'vitest'
import { countInversions, testDrift } from './noise.ts'
import { drawLogNormal } from './random.ts'

// Source: scipy 1.17.1, scipy.stats.kendalltau(range(n), series, method='exact').
test.each([
  { series: [1.0, 1.2, 1.1, 1.3, 1.5, 1.4, 1.8, 1.6], s: 22, p: 0.005505952380952381 },
  { series: [3, 1, 4, 1.5, 9, 2.6, 5, 3.5], s: 8, p: 0.39875992063492066 },
])('is exact without ties: s = $s', ({ series, s, p }) => {
  const drift = testDrift(series)
  expect(drift?.s).toBe(s)
  expect(drift?.p).toBeCloseTo(p, 12)
})

// Source: pymannkendall 1.4.3, original_test(series).
test.each([
  { series: [1, 2, 2, 3, 3, 3, 4, 5, 5, 6], s: 40, p: 0.0003568075743358712 },
  { series: [5, 3, 5, 2, 2, 1, 4, 1, 3, 1, 2, 2], s: -25, p: 0.08834898734056584 },
])('is corrected for ties: s = $s', ({ series, s, p }) => {
  const drift = testDrift(series)
  expect(drift?.s).toBe(s)
  expect(drift?.p).toBeCloseTo(p, 8)
})

test('says by how much the later half differs', () => {
  expect(testDrift([10, 10, 10, 12, 12, 12])?.change).toBeCloseTo(0.2, 12)
  expect(testDrift([5, 5, 5, 5])).toEqual({ s: 0, p: 1, change: 0 })
  expect(testDrift([1, 2, 3])).toBeNull()
})

test('cries drift over independent samples as often as its p says', () => {
  const draw = drawLogNormal(0.5, 8)
  const alarms = Array.from(
    { length: 2000 },
    () => testDrift(Array.from({ length: 15 }, draw))?.p ?? 1,
  ).filter((p) => p < 0.05)
  expect(alarms.length / 2000).toBeGreaterThan(0.03)
  expect(alarms.length / 2000).toBeLessThan(0.06)
})

test('counts inversions as the plain double loop does', () => {
  const draw = drawLogNormal(1, 4)
  for (const n of [0, 1, 2, 3, 7, 64, 65, 200]) {
    const values = Array.from({ length: n }, () => Math.round(draw() * 10))
    let slow = 0
    values.forEach((value, i) => (slow += values.slice(i + 1).filter((later) => later < value).length))
    expect(countInversions(values)).toBe(slow)
  }
})
