import { expect, test } from 'vitest'
import { drawLogNormal } from './random.ts'
import { chooseScalingLaw, fitScalingLaw } from './scaling-law.ts'

test('agrees with scipy', () => {
  const law = fitScalingLaw([
    { x: 1e5, y: 0.8 },
    { x: 2e5, y: 1.7 },
    { x: 4e5, y: 3.1 },
    { x: 1e6, y: 8.9 },
    { x: 3e6, y: 24.0 },
  ])
  // Source: scipy 1.17.1, scipy.stats.linregress on the logarithms, scipy.stats.t.ppf(0.975, 3).
  expect(law?.n).toBe(5)
  expect(law?.exponent).toBeCloseTo(1.0045529613113149, 10)
  expect(law?.exponent_lo).toBeCloseTo(0.9285992908995809, 6)
  expect(law?.exponent_hi).toBeCloseTo(1.080506631723049, 6)
  expect((law?.prefactor ?? 0) / 7.744891196961349e-6).toBeCloseTo(1, 8)
  expect(law?.residual_factor).toBeCloseTo(1.0659293464230148, 8)
  expect(law?.r_squared).toBeCloseTo(0.998309496235915, 8)
})

test('a constant has exponent 0, a perfect square exponent 2 and no residual', () => {
  const xs = [1, 10, 100, 1000]
  const square = fitScalingLaw(xs.map((x) => ({ x, y: x * x })))
  expect(square?.exponent).toBeCloseTo(2, 12)
  expect(square?.residual_factor).toBeCloseTo(1, 12)
  const flat = fitScalingLaw(xs.map((x) => ({ x, y: 3 })))
  expect(flat).toMatchObject({
    exponent: 0,
    exponent_lo: 0,
    exponent_hi: 0,
    residual_factor: 1,
    r_squared: 1,
  })
})

test('says nothing of fewer than three sizes, or of what is not positive', () => {
  expect(fitScalingLaw([1, 1, 2, 2].map((x) => ({ x, y: x })))).toBeNull()
  expect(fitScalingLaw([0, 1, 2].map((x) => ({ x, y: x })))).toBeNull()
  expect(fitScalingLaw([])).toBeNull()
})

test('its interval holds the true exponent as often as it says', () => {
  const draw = drawLogNormal(0.2, 9)
  let held = 0
  for (let run = 0; run < 2000; run++) {
    const law = fitScalingLaw([1, 2, 4, 8, 16, 32].map((x) => ({ x, y: x ** 1.1 * draw() })))
    if (law && law.exponent_lo <= 1.1 && law.exponent_hi >= 1.1) held++
  }
  expect(held / 2000).toBeGreaterThan(0.93)
  expect(held / 2000).toBeLessThan(0.97)
})

test('a constant term is in the law where the points ask for it, and only there', () => {
  const xs = [1, 2, 4, 8, 16, 32, 64, 128]
  const draw = drawLogNormal(0.02, 3)
  const raised = chooseScalingLaw(xs.map((x) => ({ x, y: (5 + 0.5 * x ** 1.2) * draw() })))
  expect(raised!.constant).toBeGreaterThan(4)
  expect(raised!.constant).toBeLessThan(5.5)
  expect(raised!.exponent_lo).toBeLessThan(1.2)
  expect(raised!.exponent_hi).toBeGreaterThan(1.2)
  let constants = 0
  for (let run = 0; run < 300; run++) {
    if (chooseScalingLaw(xs.map((x) => ({ x, y: 0.5 * x ** 1.2 * draw() })))!.constant > 0) constants++
  }
  expect(constants / 300).toBeLessThan(0.1)
})

test('nothing is said of what does not grow', () => {
  const draw = drawLogNormal(0.05, 5)
  let laws = 0
  for (let run = 0; run < 300; run++) {
    if (chooseScalingLaw([1, 2, 4, 8, 16, 32].map((x) => ({ x, y: 3 * draw() })))) laws++
  }
  expect(laws / 300).toBeLessThan(0.07)
  expect(chooseScalingLaw([1, 10, 100].map((x) => ({ x, y: 3 })))).toBeNull()
})

test('few points have a law where they grow, and rarely one where they only scatter', () => {
  const scattered = [
    { x: 100, y: 0.019 },
    { x: 1000, y: 0.0245 },
    { x: 10_000, y: 0.018 },
    { x: 100_000, y: 0.0235 },
  ]
  expect(fitScalingLaw(scattered)!.r_squared).toBeCloseTo(0.08, 2)
  expect(chooseScalingLaw(scattered)).toBeNull()
  const draw = drawLogNormal(0.1, 7)
  const countLaws = (exponent: number) => {
    const sweeps = Array.from({ length: 500 }, () =>
      [1, 3, 10, 30].map((x) => ({ x, y: x ** exponent * draw() })),
    )
    return sweeps.filter((points) => chooseScalingLaw(points)).length
  }
  expect(countLaws(0.3)).toBeGreaterThan(0.95 * 500)
  expect(countLaws(0)).toBeLessThan(0.15 * 500)
})
