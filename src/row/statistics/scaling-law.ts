import jStat from 'jstat'
import { linearRegression, mean } from 'simple-statistics'

/** y = prefactor * x ^ exponent, fitted to the logarithms. */
export interface ScalingLaw {
  n: number
  exponent: number
  /** Ends of the exponent's confidence interval (Student's t with n - 2 degrees of freedom). */
  exponent_lo: number
  exponent_hi: number
  confidence: number
  prefactor: number
  /** Typical factor between a point and the law: 1 is exact, 1.1 is 10 % off. */
  residual_factor: number
  r_squared: number
}

/** Least squares on ln x, ln y over the positive points; null with fewer than three different x. */
export function fitScalingLaw(
  points: readonly { x: number; y: number }[],
  confidence = 0.95,
): ScalingLaw | null {
  const logs = points.filter(({ x, y }) => x > 0 && y > 0).map(({ x, y }) => [Math.log(x), Math.log(y)])
  const xs = logs.map(([x]) => x as number)
  const ys = logs.map(([, y]) => y as number)
  const n = logs.length
  if (new Set(xs).size < 3) return null
  const { m: exponent, b: intercept } = linearRegression(logs)
  const centreX = mean(xs)
  const centreY = mean(ys)
  const spreadX = xs.reduce((sum, x) => sum + (x - centreX) ** 2, 0)
  const spreadY = ys.reduce((sum, y) => sum + (y - centreY) ** 2, 0)
  const unexplained = xs.reduce((sum, x, i) => sum + ((ys[i] as number) - intercept - exponent * x) ** 2, 0)
  const residual = Math.sqrt(unexplained / (n - 2))
  const margin = (jStat.studentt.inv((1 + confidence) / 2, n - 2) * residual) / Math.sqrt(spreadX)
  return {
    n,
    exponent,
    exponent_lo: exponent - margin,
    exponent_hi: exponent + margin,
    confidence,
    prefactor: Math.exp(intercept),
    residual_factor: Math.exp(residual),
    r_squared: spreadY === 0 ? 1 : 1 - unexplained / spreadY,
  }
}
