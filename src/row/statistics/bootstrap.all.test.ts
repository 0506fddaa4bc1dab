import { expect, test } from 'vitest'
import { bootstrapMedians, drawLogNormal } from './random.ts'

const medianOf = ([middle]: number[]) => middle!

test.each([10, 20, 30])(
  'holds the median in 93 to 97 % of 2,000 skewed samples of n = %i',
  (n) => {
    const draw = drawLogNormal(1, 40 + n)
    let held = 0
    for (let run = 0; run < 2000; run++) {
      const sample = Array.from({ length: n }, draw)
      const interval = bootstrapMedians([sample], medianOf, { seed: run, resamples: 400 })
      if (interval && interval.lo <= 1 && interval.hi >= 1) held++
    }
    expect(held / 2000).toBeGreaterThan(0.93)
    expect(held / 2000).toBeLessThan(0.97)
  },
  60_000,
)

test('of large samples, too, in 93 to 97 % of 2,000', () => {
  const draw = drawLogNormal(1, 71)
  let held = 0
  for (let run = 0; run < 2000; run++) {
    const sample = Array.from({ length: 401 }, draw)
    const interval = bootstrapMedians([sample], medianOf, { seed: run, resamples: 400 })
    if (interval && interval.lo <= 1 && interval.hi >= 1) held++
  }
  expect(held / 2000).toBeGreaterThan(0.93)
  expect(held / 2000).toBeLessThan(0.97)
})
