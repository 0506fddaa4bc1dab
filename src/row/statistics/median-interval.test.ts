import { expect, test } from 'vitest'
import { estimateMedianInterval, relativeHalfWidth } from './describe.ts'
import { drawLogNormal } from './random.ts'

const SAMPLE = [1.31, 1.35, 1.29, 1.42, 1.38, 1.44, 1.51, 1.4, 1.47, 1.36]

/** Width of the interval for evenly spread samples in 0 .. 1. */
function widthAt(n: number): number {
  const interval = estimateMedianInterval(Array.from({ length: n }, (_, i) => (i + 0.5) / n))
  return (interval?.hi ?? 0) - (interval?.lo ?? 0)
}

// Source: scipy 1.17.1, scipy.stats.mstats.median_cihs(sample, alpha).
test.each([
  { samples: SAMPLE, confidence: 0.95, lo: 1.3363063063063065, hi: 1.4502702702702703 },
  { samples: SAMPLE.slice(0, 6), confidence: 0.95, lo: 1.2971428571428572, hi: 1.4328571428571428 },
  {
    samples: Array.from({ length: 31 }, (_, i) => ((i * 37) % 61) / 10 + i * 0.05),
    confidence: 0.9,
    lo: 2.7758656338108434,
    hi: 4.624134366189156,
  },
])('agrees with scipy at n = $samples.length', ({ samples, confidence, lo, hi }) => {
  const interval = estimateMedianInterval(samples, confidence)
  expect(interval?.lo).toBeCloseTo(lo, 12)
  expect(interval?.hi).toBeCloseTo(hi, 12)
})

test('gives no interval where n is too small for the confidence', () => {
  expect(estimateMedianInterval([1, 2, 3, 4, 5], 0.95)).toBeNull()
  expect(estimateMedianInterval([1, 2, 3, 4, 5], 0.9)).not.toBeNull()
  expect(estimateMedianInterval([1], 0.5)).toBeNull()
  expect(estimateMedianInterval([], 0.95)).toBeNull()
})

test('a constant series has an interval of width 0 at its value', () => {
  const samples = Array.from({ length: 7 }, () => 0.1)
  const interval = estimateMedianInterval(samples)
  expect(interval).toEqual({ lo: 0.1, hi: 0.1, confidence: 0.95 })
  expect(interval && relativeHalfWidth(interval, samples)).toBe(0)
})

test('goes on smoothly where the exact tails give way to the normal ones', () => {
  expect(widthAt(501) / widthAt(500)).toBeGreaterThan(0.95)
  expect(widthAt(501) / widthAt(500)).toBeLessThan(1.05)
})

test.each([10, 20, 30])('holds the median in 93 to 97 % of 2,000 skewed samples of n = %i', (n) => {
  const draw = drawLogNormal(1, n)
  let held = 0
  for (let run = 0; run < 2000; run++) {
    const interval = estimateMedianInterval(Array.from({ length: n }, draw))
    if (interval && interval.lo <= 1 && interval.hi >= 1) held++
  }
  expect(held / 2000).toBeGreaterThan(0.93)
  expect(held / 2000).toBeLessThan(0.97)
})
