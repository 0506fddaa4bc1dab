import { drawLogNormal, drawUniform } from '../../row/statistics/random.ts'
import fitted from './fitted-noise.json' with { type: 'json' }

/** How the times of one figure scatter on a machine. */
export interface FigureNoise {
  /** Sd of the logarithm between separate runs of one build. */
  run: number
  /** The same between two sides that take turns. */
  side: number
  /** Sd of what affects everything that runs at one time and shows in no row, such as a change of clock rate. */
  shared: number
  /** How much of that lasts until the next iteration. */
  lasting: number
  /** Sd of a single iteration. */
  own: number
  /** Sd of the growth from the first iteration of a side to its last. */
  drift: number
  /** What other programs cost, as rows record it: mean, sd, and how much lasts until the next iteration. */
  load: number
  loadSpread: number
  loadLasting: number
  /**
   * Bursts that no row shows: the share of iterations in which one begins, its mean length in iterations, its mean
   * slowdown.
   */
  bursts: number
  burstLength: number
  burstMean: number
}

export interface NoiseModel {
  name: string
  /** Correlation between the figures of one run. */
  common: number
  /** Budgets get these in turn. */
  figures: (FigureNoise & { figure: string })[]
}

/** Fitted to fixtures/certification by `node scripts/certify-gate.ts --fit`. */
export const IDLE: NoiseModel = { name: 'idle', ...fitted.idle }
/** Under a load that changes every few seconds. */
export const BUSY: NoiseModel = { name: 'beside load', ...fitted.busy }
/** A machine whose runs scatter by less than 10 %, as the gate expects before it has seen any. */
export const STEADY: NoiseModel = {
  name: 'steady',
  common: 0,
  figures: [
    {
      figure: 'set by hand',
      run: 0.08,
      side: 0.01,
      shared: 0.04,
      lasting: 0.7,
      own: 0.03,
      drift: 0.01,
      load: 0,
      loadSpread: 0,
      loadLasting: 0,
      bursts: 0.01,
      burstLength: 1,
      burstMean: 0.3,
    },
  ],
}

/** A seeded source of the times of figures. */
export function createClock(seed: number) {
  const standard = drawLogNormal(1, seed)
  const normal = () => Math.log(standard())
  const uniform = drawUniform(seed ^ 0x5f3759df)

  function* drawLasting(lasting: number): Generator<number, never> {
    for (let state = normal(); ; state = lasting * state + Math.sqrt(1 - lasting ** 2) * normal()) yield state
  }

  /**
   * How the machine slows down n consecutive iterations, as logarithms: in total, and the part due to other programs.
   */
  function drawMachine(noise: FigureNoise, n: number): { all: number; others: number }[] {
    const [states, loads] = [drawLasting(noise.lasting), drawLasting(noise.loadLasting)]
    let burst = 0
    return Array.from({ length: n }, () => {
      if (burst > 0 && uniform() < 1 / noise.burstLength) burst = 0
      if (uniform() < noise.bursts) burst = Math.log1p(-noise.burstMean * Math.log(1 - uniform()))
      const others = Math.max(0, noise.load + noise.loadSpread * loads.next().value)
      return { all: noise.shared * states.next().value + others + burst, others }
    })
  }

  /** The scatter of one side over n iterations, as logarithms. */
  function drawSide(noise: FigureNoise, n: number): number[] {
    const [level, slope] = [noise.side * normal(), noise.drift * normal()]
    return Array.from(
      { length: n },
      (_, i) => level + (slope * i) / Math.max(1, n - 1) + noise.own * normal(),
    )
  }

  return {
    normal,
    /** Iterations of one run with this effect, around 1, and the share of each that others cost it. */
    run(noise: FigureNoise, n: number, effect = normal()): { times: number[]; disturbed: number[] } {
      const machine = drawMachine(noise, n)
      return {
        times: drawSide(noise, n).map((own, i) => Math.exp(noise.run * effect + machine[i]!.all + own)),
        disturbed: machine.map(({ others }) => 1 - Math.exp(-others)),
      }
    },
    /** Iterations of two sides in turns (A B, A B), around 1, and the same shares. */
    turns(noise: FigureNoise, n: number): { times: number[]; disturbed: number[] }[] {
      const machine = drawMachine(noise, 2 * n)
      const at = (pair: number, isSecond: boolean) => machine[2 * pair + (isSecond ? 1 : 0)]!
      const level = noise.run * normal()
      return [false, true].map((isSecond) => ({
        times: drawSide(noise, n).map((own, i) => Math.exp(level + own + at(i, isSecond).all)),
        disturbed: Array.from({ length: n }, (_, i) => 1 - Math.exp(-at(i, isSecond).others)),
      }))
    },
  }
}
