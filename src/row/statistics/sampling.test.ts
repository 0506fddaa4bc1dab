import { expect, test } from 'vitest'
import { drawLogNormal, drawUniform } from './random.ts'
import { decideNext, samplingSchema } from './sampling.ts'

const DEFAULTS = samplingSchema.parse({})

/** Repeats a simulated phase until the rule says to stop. */
function simulate(next: (i: number) => number, sampling = DEFAULTS) {
  const samples: number[] = []
  for (let elapsedS = 0; ;) {
    const decision = decideNext({ samples, elapsedS, sampling })
    if (decision.done) return { n: samples.length, ...decision }
    const sample = next(samples.length)
    samples.push(sample)
    elapsedS += sample
  }
}

test('a constant series stops at the minimum, its target met', () => {
  expect(simulate(() => 2)).toMatchObject({ n: 6, reason: 'target', met: true, relative_half_width: 0 })
  expect(simulate(() => 2, { ...DEFAULTS, min: 9 })).toMatchObject({ n: 9, reason: 'target' })
})

test('a minimum too small for an interval waits for one', () => {
  expect(simulate(() => 2, { ...DEFAULTS, min: 1 })).toMatchObject({ n: 6, reason: 'target' })
})

test('a noisier series takes more runs, a very noisy one all of them', () => {
  const quiet = simulate(drawLogNormal(0.02, 1))
  const noisy = simulate(drawLogNormal(0.08, 1))
  expect(quiet).toMatchObject({ reason: 'target', met: true })
  expect(noisy).toMatchObject({ reason: 'target', met: true })
  expect(noisy.n).toBeGreaterThan(quiet.n)
  expect(simulate(drawLogNormal(0.5, 1))).toMatchObject({ n: 30, reason: 'max', met: false })
})

test('a drifting series never meets the target, however narrow its interval', () => {
  const result = simulate((i) => 10 + i * 0.01, { ...DEFAULTS, budget_s: 1e6 })
  expect(result.relative_half_width).toBeLessThan(0.05)
  expect(result).toMatchObject({ n: 30, reason: 'max', met: false })
})

test('two equal modes leave the median open; a rare second mode does not', () => {
  const even = drawUniform(3)
  expect(simulate(() => (even() < 0.5 ? 1 : 2))).toMatchObject({ n: 30, reason: 'max', met: false })
  const rare = drawUniform(3)
  const result = simulate(() => (rare() < 0.1 ? 2 : 1))
  expect(result).toMatchObject({ reason: 'target', met: true })
  expect(result.interval?.lo).toBe(1)
  expect(result.relative_half_width).toBeLessThanOrEqual(0.05)
})

test('the budget ends a series, but not before its first run', () => {
  expect(simulate(() => 200)).toMatchObject({ n: 2, reason: 'budget', met: false, interval: null })
  expect(simulate(() => 1e5)).toMatchObject({ n: 1, reason: 'budget' })
})

test('a plan that contradicts itself is refused', () => {
  expect(samplingSchema.safeParse({ min: 9, max: 3 }).success).toBe(false)
})

test.each([30, 100])(
  'the interval still holds the median in 90 % of 2,000 runs that stop early, max %i',
  (max) => {
    for (const spread of [0.03, 0.06, 0.1, 0.15]) {
      const draw = drawLogNormal(spread, max)
      let held = 0
      for (let run = 0; run < 2000; run++) {
        const { interval } = simulate(draw, { ...DEFAULTS, max, budget_s: 1e6 })
        if (interval && interval.lo <= 1 && interval.hi >= 1) held++
      }
      expect(held / 2000).toBeGreaterThanOrEqual(0.9)
    }
  },
  60_000,
)
