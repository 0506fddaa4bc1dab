import { mean } from 'simple-statistics'
import type { FigureNoise } from '../../src/gate/self-test/noise.ts'

/** What the Gaussian part of the noise consists of, as sds of logarithms; `lasting` is a correlation. */
type Components = Pick<FigureNoise, 'run' | 'side' | 'shared' | 'lasting' | 'own' | 'drift'>

/** Where the iterations of a vector stand. Vectors with the same layout share the object. */
export interface Layout {
  /** Place in the order in which all ran. */
  at: number[]
  side: number[]
  /** 0 for the first iteration of a side, 1 for its last. */
  progress: number[]
}

/** Logarithms of consecutive iterations. */
export interface Vector {
  logs: number[]
  layout: Layout
}

const START: Components = { run: 0.06, side: 0.01, shared: 0.03, lasting: 0.5, own: 0.04, drift: 0.02 }
const OF_FIGURE = ['run', 'shared', 'own', 'lasting'] as const
const OF_SIDES = ['side', 'drift'] as const
type Name = keyof Components
/** Less than this is nothing. */
const LEAST = 1e-4
const MOST_LASTING = 0.99
const ROUNDS = 3

/**
 * The components under which the vectors of all figures are most likely. All figures share the difference between the
 * sides: a comparison has only one pair of sides, so each figure alone says little about it.
 */
export function fitComponents(figures: readonly (readonly Vector[])[]): Components[] {
  let fitted = figures.map((vectors) => maximize([vectors], [START], [...OF_FIGURE, ...OF_SIDES])[0]!)
  if (figures.length === 1) return fitted
  for (let round = 0; round < ROUNDS; round++) {
    fitted = maximize(figures, fitted, OF_SIDES)
    fitted = figures.map((vectors, i) => maximize([vectors], [fitted[i]!], OF_FIGURE)[0]!)
  }
  return fitted
}

/** Moves these components, the same for all figures, to where all vectors are most likely; the others stay. */
function maximize(
  figures: readonly (readonly Vector[])[],
  from: readonly Components[],
  names: readonly Name[],
): Components[] {
  const pack = (name: Name) => {
    const value = mean(from.map((one) => one[name]))
    return name === 'lasting' ? Math.log(value / (MOST_LASTING - value)) : Math.log(value)
  }
  const unpack = (point: readonly number[]) => {
    const moved = names.map((name, i) => {
      const value = name === 'lasting' ? MOST_LASTING / (1 + Math.exp(-point[i]!)) : Math.exp(point[i]!)
      return [name, Math.max(LEAST, value)]
    })
    return from.map((one): Components => ({ ...one, ...Object.fromEntries(moved) }))
  }
  const cost = (point: readonly number[]) =>
    -unpack(point).reduce((sum, one, i) => sum + logLikelihood(figures[i]!, one), 0)
  // From its own result once more: a simplex that has collapsed too early gets a new one.
  return unpack(minimize(cost, minimize(cost, names.map(pack))))
}

/** Logarithm of the likelihood of the vectors at their most likely common mean. */
export function logLikelihood(vectors: readonly Vector[], components: Components): number {
  let [constant, squares, products, ones] = [0, 0, 0, 0]
  for (const [layout, own] of Map.groupBy(vectors, (vector) => vector.layout)) {
    const factor = factorize(covarianceOf(layout, components))
    const unit = solve(
      factor,
      layout.at.map(() => 1),
    )
    for (const { logs } of own) {
      constant += factor.reduce((sum, row, i) => sum + Math.log(row[i]!), 0)
      constant += (logs.length * Math.log(2 * Math.PI)) / 2
      for (const [i, value] of solve(factor, logs).entries()) {
        squares += value ** 2
        products += value * unit[i]!
        ones += unit[i]! ** 2
      }
    }
  }
  return -constant - (squares - products ** 2 / ones) / 2
}

function covarianceOf({ at, side, progress }: Layout, one: Components): number[][] {
  return at.map((time, i) =>
    at.slice(0, i + 1).map((other, j) => {
      const machine = one.run ** 2 + one.shared ** 2 * one.lasting ** Math.abs(time - other)
      const ofSide = side[i] === side[j] ? one.side ** 2 + one.drift ** 2 * progress[i]! * progress[j]! : 0
      return machine + ofSide + (i === j ? one.own ** 2 : 0)
    }),
  )
}

/** Cholesky's lower triangle. */
function factorize(matrix: readonly (readonly number[])[]): number[][] {
  const factor: number[][] = []
  for (const [i, row] of matrix.entries()) {
    const own: number[] = []
    for (let j = 0; j <= i; j++) {
      let rest = row[j]!
      for (let k = 0; k < j; k++) rest -= own[k]! * (i === j ? own[k]! : factor[j]![k]!)
      own.push(i === j ? Math.sqrt(rest) : rest / factor[j]![j]!)
    }
    factor.push(own)
  }
  return factor
}

function solve(factor: readonly (readonly number[])[], values: readonly number[]): number[] {
  const solved: number[] = []
  for (const [i, row] of factor.entries()) {
    let rest = values[i]!
    for (let k = 0; k < i; k++) rest -= row[k]! * solved[k]!
    solved.push(rest / row[i]!)
  }
  return solved
}

/** Nelder and Mead's simplex. */
function minimize(cost: (point: readonly number[]) => number, start: readonly number[]): number[] {
  const evaluate = (point: number[]) => ({ point, cost: cost(point) })
  let simplex = [
    [...start],
    ...start.map((_, i) => start.map((value, j) => value + (i === j ? 0.7 : 0))),
  ].map(evaluate)
  for (let step = 0; step < 200 * start.length; step++) {
    simplex = simplex.toSorted((a, b) => a.cost - b.cost)
    const [best, worst] = [simplex[0]!, simplex.at(-1)!]
    if (worst.cost - best.cost < 1e-7) break
    const centre = start.map((_, i) => mean(simplex.slice(0, -1).map(({ point }) => point[i]!)))
    const towards = (by: number) => evaluate(centre.map((value, i) => value + by * (worst.point[i]! - value)))
    const reflected = towards(-1)
    let next = reflected
    if (reflected.cost < best.cost) {
      const expanded = towards(-2)
      if (expanded.cost < reflected.cost) next = expanded
    } else if (reflected.cost >= simplex.at(-2)!.cost) {
      next = towards(reflected.cost < worst.cost ? -0.5 : 0.5)
    }
    simplex =
      next.cost < worst.cost
        ? [...simplex.slice(0, -1), next]
        : simplex.map(({ point }) => evaluate(point.map((value, i) => (value + best.point[i]!) / 2)))
  }
  return simplex.toSorted((a, b) => a.cost - b.cost)[0]!.point
}
