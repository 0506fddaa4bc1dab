import { standardDeviation } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import {
  adjustHolm,
  changeOfPairs,
  changeOfRuns,
  detectableGrowth,
  growthInterval,
  pDecrease,
  pIncrease,
  upperGrowth,
} from './change.ts'
import { drawLogNormal } from './random.ts'

const BASE = [1.31, 1.35, 1.29, 1.42, 1.38, 1.44, 1.4, 1.51, 1.47, 1.36, 1.33, 1.39]
const NOW = [1.4, 1.38, 1.45, 1.47, 1.52, 1.6, 1.44, 1.95, 1.6, 1.41, 1.46, 1.43]

describe('pairs', () => {
  // Source: numpy and scipy 1.17.1: Huber's step by hand, scipy.fft.dct(y, type=2, norm='ortho'), scipy.stats.t.
  test('estimate, error, p, limit and interval agree with scipy', () => {
    const change = changeOfPairs(BASE, NOW)!
    expect(change.log).toBeCloseTo(0.07562699433082026, 12)
    expect(change.se).toBeCloseTo(0.01901384307022522, 12)
    expect(change.df).toBe(8)
    expect(pIncrease(change)).toBeCloseTo(0.0020380473064286033, 9)
    expect(pDecrease(change)).toBeCloseTo(0.9979619526935714, 9)
    expect(upperGrowth(change, 0.95)).toBeCloseTo(0.11737719505416702, 8)
    expect(growthInterval(change).lo).toBeCloseTo(0.03229140210753588, 8)
    expect(growthInterval(change).hi).toBeCloseTo(0.12690281173250476, 8)
  })

  test('noise common to both of a pair cancels', () => {
    const common = Array.from({ length: 12 }, drawLogNormal(0.5, 3))
    const scaled = [BASE, NOW].map((side) => side.map((value, i) => value * common[i]!))
    expect(changeOfPairs(scaled[0]!, scaled[1]!)!.log).toBeCloseTo(changeOfPairs(BASE, NOW)!.log, 12)
  })

  test('the error is larger than of independent pairs if the level differs from half to half, smaller if it alternates', () => {
    const base = Array<number>(20).fill(1)
    const even = Array.from({ length: 20 }, drawLogNormal(0.02, 5))
    const lasting = even.map((value, i) => value * (i < 10 ? 1.2 : 0.8))
    const alternating = even.map((value, i) => value * (i % 2 ? 1.2 : 0.8))
    const [slow, fast] = [lasting, alternating].map((now) => changeOfPairs(base, now)!.se)
    const independent = standardDeviation(lasting.map(Math.log)) / Math.sqrt(20)
    // Without the part that stands for differences between two sides.
    const own = (se: number) => Math.sqrt(se ** 2 - 0.015 ** 2)
    expect(own(slow!)).toBeGreaterThan(1.15 * independent)
    expect(own(fast!)).toBeLessThan(0.5 * independent)
  })

  test('three pairs tell nothing', () => {
    expect(changeOfPairs([1, 2, 3], [1, 2, 3, 4])).toBeNull()
    expect(changeOfPairs([1, 1, 1, 1], [2, 2, 2, 2])?.log).toBeCloseTo(Math.LN2, 12)
  })
})

describe('runs', () => {
  const RUNS = [
    [1, 1.02, 0.98, 1.05, 1.01, 1.03],
    [1.2, 1.25, 1.22, 1.18, 1.3, 1.21],
    [0.95, 0.97, 0.9, 0.99, 0.96, 0.94],
  ]

  // Source: numpy and scipy 1.17.1, the formula of the docstring; scipy.stats.t.sf.
  test('agrees with scipy', () => {
    const change = changeOfRuns(RUNS, [[1.5, 1.55, 1.45, 1.6, 1.52, 1.49]], 0.1)
    expect(change.log).toBeCloseTo(0.36025261904098793, 12)
    expect(change.se).toBeCloseTo(0.12830620491681452, 12)
    expect(change.df).toBe(62)
    expect(pIncrease(change)).toBeCloseTo(0.003330661608735575, 9)
  })

  // Source: the same.
  test('a single iteration that took much longer hardly moves a run', () => {
    const change = changeOfRuns(RUNS, [[1.5, 1.55, 1.45, 2.6, 1.52, 1.49]], 0.1)
    expect(change.log).toBeCloseTo(0.36138393953955805, 12)
    expect(change.se).toBeCloseTo(0.13035011758503046, 12)
  })

  test('more runs never detect less than fewer, for any number of tests', () => {
    const run = [1, 1.05, 0.95, 1.02, 0.98, 1.04, 0.97, 1.01, 0.99, 1]
    for (const tests of [1, 10, 50]) {
      const detectable = Array.from({ length: 20 }, (_, i) => {
        const runs = Array.from({ length: i + 1 }, (_own, k) =>
          run.map((time) => time * (k % 2 ? 1.1 : 1 / 1.1)),
        )
        return detectableGrowth(changeOfRuns(runs, [run], 0.1), { alpha: 0.01 / tests, limit: 0.05 })
      })
      for (let i = 1; i < 20; i++) expect(detectable[i]).toBeLessThan(detectable[i - 1]!)
    }
  })

  test('five iterations show how much they scatter, four do not', () => {
    const seOf = (run: readonly number[]) => changeOfRuns([run], [run], 0.1).se
    const run = [1, 1.01, 0.99, 1, 1.01]
    // Only what is assumed of runs is left: 10 % for each of the two.
    expect(seOf(run)).toBeCloseTo(0.1 * Math.SQRT2, 2)
    expect(seOf(run.slice(1))).toBeCloseTo(0.1 * Math.sqrt(4), 12)
  })

  test('runs that agree do not drop what is known of runs', () => {
    const { se } = changeOfRuns([[1], [1], [1], [1], [1]], [[1]], 0.1)
    expect(se).toBeGreaterThan(0.1)
  })
})

// Worked by hand: 0.01 * 4, max(0.04, 0.02 * 3), max(0.06, 0.03 * 2), max(0.06, 0.5 * 1).
test('Holm adjusts step by step, in the order given, and never above 1', () => {
  expect(adjustHolm([0.03, 0.01, 0.5, 0.02])).toEqual([0.06, 0.04, 0.5, 0.06])
  expect(adjustHolm([0.6, 0.7])).toEqual([1, 1])
  expect(adjustHolm([])).toEqual([])
})
