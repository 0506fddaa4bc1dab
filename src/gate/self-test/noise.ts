import { drawLogNormal, drawUniform } from '../../row/statistics/random.ts'

/** How simulated times scatter around their true value. */
export interface NoiseModel {
  /** Sd of the logarithm of a time: 0.05 is 5 %. */
  spread: number
  /** Growth from the first repetition to the last, the same on both sides, as from heat. */
  drift: number
  /** Share of the repetitions that something else on the machine slows down. */
  outliers: number
  /** Minimum slowdown of an outlier, and the average slowdown beyond that. */
  outlierLeast: number
  outlierMean: number
}

export const NOISE: NoiseModel = {
  spread: 0.05,
  drift: 0.03,
  outliers: 0.01,
  outlierLeast: 0.1,
  outlierMean: 0.3,
}

/** A seeded source of samples of n times around a true time, s. */
export function createClock(noise: NoiseModel, seed: number): (timeS: number, n: number) => number[] {
  const scatter = drawLogNormal(noise.spread, seed)
  const uniform = drawUniform(seed ^ 0x5f3759df)
  const outlier = () => 1 + noise.outlierLeast - noise.outlierMean * Math.log(1 - uniform())
  return (timeS, n) =>
    Array.from({ length: n }, (_, i) => {
      const drifted = timeS * (1 + (noise.drift * i) / Math.max(1, n - 1))
      return drifted * scatter() * (uniform() < noise.outliers ? outlier() : 1)
    })
}
