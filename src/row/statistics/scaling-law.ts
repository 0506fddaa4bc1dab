import jStat from 'jstat'
import { mean, sum, sumNthPowerDeviations } from 'simple-statistics'

/** y = constant + prefactor * x ^ exponent, fitted to the logarithms of y. */
export interface ScalingLaw {
  n: number
  exponent: number
  /** Ends of the exponent's confidence interval (Student's t with n - 2 degrees of freedom). */
  exponent_lo: number
  exponent_hi: number
  confidence: number
  prefactor: number
  /** The part that does not grow, such as the start of a program; 0 unless the points support one. */
  constant: number
  /** Typical factor between a point and the law: 1 is exact, 1.1 is 10 % off. */
  residual_factor: number
  r_squared: number
}

type Points = readonly { x: number; y: number }[]
type Curve = Pick<ScalingLaw, 'constant' | 'prefactor' | 'exponent'>

/** Least squares on ln x, ln y over the positive points; null with fewer than three different x. */
export function fitScalingLaw(points: Points): ScalingLaw | null {
  const own = keepPositive(points)
  return new Set(own.map(({ x }) => x)).size < 3 ? null : describeLaw(fitAbove(own, 0), own, 2)
}

const keepPositive = (points: Points) => points.filter(({ x, y }) => x > 0 && y > 0)

const CONFIDENCE = 0.95

/** A curve with its uncertainty, given how many numbers were chosen to fit the points. */
function describeLaw({ spreadX, ...curve }: Fit, points: Points, parameters: number): ScalingLaw {
  const n = points.length
  const freedom = n - parameters
  const unexplained = unexplainedBy(curve, points)
  const residual = Math.sqrt(unexplained / freedom)
  const spreadY = sumNthPowerDeviations(
    points.map(({ y }) => Math.log(y)),
    2,
  )
  const margin = (jStat.studentt.inv((1 + CONFIDENCE) / 2, freedom) * residual) / Math.sqrt(spreadX)
  return {
    n,
    ...curve,
    exponent_lo: curve.exponent - margin,
    exponent_hi: curve.exponent + margin,
    confidence: CONFIDENCE,
    residual_factor: Math.exp(residual),
    r_squared: spreadY === 0 ? 1 : 1 - unexplained / spreadY,
  }
}

/** A simpler model is kept unless another one is better by this much, the usual threshold. */
const TELLING_AICC = 2

/**
 * The law that the points support: with or without a constant term, chosen by Akaike's criterion for small samples
 * (AICc), the latter from six points on. Null if y may as well be constant: by AICc, or because the exponent's interval
 * contains 0, unless fewer than five points change clearly and lie close to the law. Null too if an exponent below 0.1
 * changes y by less than 10 %.
 */
export function chooseScalingLaw(points: Points): ScalingLaw | null {
  const power = fitScalingLaw(points)
  if (!power) return null
  const own = keepPositive(points)
  const mayBeFlat = power.exponent_lo <= 0 && power.exponent_hi >= 0
  // With few points, the interval is so wide that it contains 0 even if y grows a lot.
  const growsClearly =
    own.length < MIN_CHOICE && growthOf(power, own) >= TELLING_GROWTH && power.r_squared >= TELLING_R_SQUARED
  if (mayBeFlat && !growsClearly) return null
  // In figures without noise, even a negligible change is significant.
  if (Math.abs(power.exponent) < TELLING_EXPONENT && growthOf(power, own) < TELLING_GROWTH) return null
  const flat = { ...power, exponent: 0, prefactor: Math.exp(mean(own.map(({ y }) => Math.log(y)))) }
  if (own.length >= MIN_CHOICE && aicc(own, power, 3) >= aicc(own, flat, 2)) return null
  const raised = fitWithConstant(own)
  return raised && aicc(own, raised, 4) <= aicc(own, power, 3) - TELLING_AICC ? raised : power
}

/** From this many points on, AICc can tell a law from a constant. */
const MIN_CHOICE = 5
const TELLING_GROWTH = 1.1
/** Pure noise reaches this in one of ten sweeps of four points, and in three of ten of three points. */
const TELLING_R_SQUARED = 0.8
const TELLING_EXPONENT = 0.1

/** Factor by which a law changes over the points, up or down. */
function growthOf({ exponent }: ScalingLaw, points: Points): number {
  const xs = points.map(({ x }) => x)
  return (Math.max(...xs) / Math.min(...xs)) ** Math.abs(exponent)
}

export const valueAt = ({ constant, prefactor, exponent }: Curve, x: number) =>
  constant + prefactor * x ** exponent

function unexplainedBy(curve: Curve, points: Points): number {
  return sum(points.map(({ x, y }) => (Math.log(y) - Math.log(valueAt(curve, x))) ** 2))
}

/** Lower is better. With too few points for its parameters, the variance included, a model is never better. */
function aicc(points: Points, curve: Curve, parameters: number): number {
  const n = points.length
  const freedom = n - parameters - 1
  // Without noise the criterion would be minus infinity for every model.
  const variance = Math.max(unexplainedBy(curve, points) / n, 1e-12)
  if (freedom <= 0) return parameters > 3 ? Infinity : n * Math.log(variance)
  return n * Math.log(variance) + 2 * parameters + (2 * parameters * (parameters + 1)) / freedom
}

const FRACTIONS = 50
const REFINEMENTS = 40

/** The best of all constants below the smallest y, each with the power law of what is above it. */
function fitWithConstant(points: Points): ScalingLaw | null {
  if (points.length < 6) return null
  const least = Math.min(...points.map(({ y }) => y))
  const cost = (part: number) => unexplainedBy(fitAbove(points, part * least), points)
  let best = 0
  for (let i = 1; i < FRACTIONS; i++) if (cost(i / FRACTIONS) < cost(best)) best = i / FRACTIONS
  for (let i = 0, step = 1 / FRACTIONS; i < REFINEMENTS; i++, step *= 0.7) {
    const near = [best - step, best + step].filter((part) => part > 0 && part < 1)
    best = [best, ...near].reduce((a, b) => (cost(b) < cost(a) ? b : a))
  }
  if (best === 0) return null
  const curve = fitAbove(points, best * least)
  return curve.exponent > 0 ? describeLaw(curve, points, 3) : null
}

interface Fit extends Curve {
  /** Weighted sum of the squared distances of ln x from its mean. */
  spreadX: number
}

/** Least squares on ln (y - constant), weighted so that the residuals count as those of ln y. */
function fitAbove(points: Points, constant: number): Fit {
  const logs = points.map(({ x, y }) => ({
    x: Math.log(x),
    y: Math.log(y - constant),
    weight: ((y - constant) / y) ** 2,
  }))
  const weigh = (value: (log: (typeof logs)[number]) => number) =>
    sum(logs.map((log) => log.weight * value(log)))
  const total = weigh(() => 1)
  const centreX = weigh(({ x }) => x) / total
  const centreY = weigh(({ y }) => y) / total
  const spreadX = weigh(({ x }) => (x - centreX) ** 2)
  const exponent = weigh(({ x, y }) => (x - centreX) * (y - centreY)) / spreadX
  return { constant, exponent, prefactor: Math.exp(centreY - exponent * centreX), spreadX }
}
