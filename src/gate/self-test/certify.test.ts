import { expect, test } from 'vitest'
import { certify } from './certify.ts'
import { createClock, IDLE } from './noise.ts'
import { simulate } from './simulate.ts'

const QUIET = {
  run: 0,
  side: 0,
  shared: 0,
  lasting: 0,
  own: 0,
  drift: 0,
  load: 0,
  loadSpread: 0,
  loadLasting: 0,
  bursts: 0,
  burstLength: 1,
  burstMean: 0,
}

const sdOf = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

test('simulated runs scatter between each other and within, as the model says', () => {
  const clock = createClock(1)
  const runs = Array.from({ length: 4000 }, () => clock.run({ ...QUIET, run: 0.1 }, 3).times.map(Math.log))
  expect(sdOf(runs.map(([first]) => first!))).toBeCloseTo(0.1, 2)
  expect(runs.every(([first, , last]) => first === last)).toBe(true)
  const within = clock.run({ ...QUIET, own: 0.05 }, 4000).times
  expect(sdOf(within.map(Math.log))).toBeCloseTo(0.05, 2)
})

test('what the machine does to one of a pair it does to the other, as far as it lasts', () => {
  const [a, b] = createClock(1).turns({ ...QUIET, shared: 0.2, lasting: 0.9 }, 4000)
  const ratios = a!.times.map((first, i) => Math.log(b!.times[i]! / first))
  // Neighbours correlate with 0.9, so their difference has a variance of 2 (1 - 0.9).
  expect(sdOf(ratios)).toBeCloseTo(0.2 * Math.sqrt(0.2), 2)
})

test('every claim of the certificate holds for another seed than the one that is published', () => {
  const { claims, outcomes } = certify({ runs: 40, seed: 7 })
  // So few comparisons tell neither a rate of 1 % nor one of 95 %.
  const certain = claims.filter(({ text }) => !/false regression|found$/.test(text))
  expect(certain).toHaveLength(3)
  expect(certain.filter(({ verdict }) => verdict !== 'holds')).toEqual([])
  for (const { falseAlarms } of outcomes) expect(falseAlarms).toBeLessThanOrEqual(2)
  for (const { found, runs } of outcomes.filter(({ slowdown }) => slowdown > 0))
    expect(found / runs).toBeGreaterThan(0.75)
})

test('a claim that is not met is told: with few pairs and much noise nothing is found', () => {
  const design = { kind: 'turns', pairs: 4 } as const
  const noise = { ...IDLE, figures: IDLE.figures.map((figure) => ({ ...figure, own: 0.5 })) }
  const outcome = simulate({ runs: 20, gates: 50, design, budget: '+5%', slowdown: 0.2, noise, seed: 1 })
  expect(outcome).toMatchObject({ found: 0, countersFound: 20, counterAlarms: 0 })
  expect(outcome.hidden).toBeLessThanOrEqual(1)
})
