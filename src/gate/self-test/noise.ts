import { drawLogNormal, drawUniform } from '../../row/statistics/random.ts'

/**
 * How times scatter on a machine. The values are set by hand after runs of LeNet on two cores; they are yet to be fitted
 * to runs of a quiet machine.
 */
export interface NoiseModel {
  /** Sd of the logarithm between separate runs of one build. */
  run: number
  /** The same between two sides that take turns. */
  side: number
  /**
   * What the machine adds to all that runs on it at one time, and how much of it lasts until the next repetition: what
   * no row tells, such as its clock rate, and what other programs take, which the rows tell.
   */
  shared: number
  load: number
  lasting: number
  /** Sd of a single repetition. */
  own: number
  /** Sd of the growth from the first repetition to the last, which differs from side to side. */
  drift: number
  /** Share of the repetitions in which a burst begins, its mean length in repetitions, and its mean slowdown. */
  bursts: number
  burstLength: number
  burstMean: number
}

export const IDLE: NoiseModel = {
  run: 0.08,
  side: 0.01,
  shared: 0.04,
  load: 0,
  lasting: 0.7,
  own: 0.03,
  drift: 0.01,
  bursts: 0.01,
  burstLength: 2,
  burstMean: 0.3,
}

/** Beside a load that changes every few seconds. */
export const BUSY: NoiseModel = {
  run: 0.1,
  side: 0.01,
  shared: 0.05,
  load: 0.4,
  lasting: 0.8,
  own: 0.1,
  drift: 0.01,
  bursts: 0.05,
  burstLength: 3,
  burstMean: 0.5,
}

/** A seeded source of the times of one figure. */
export function createClock(noise: NoiseModel, seed: number) {
  const standard = drawLogNormal(1, seed)
  const normal = () => Math.log(standard())
  const uniform = drawUniform(seed ^ 0x5f3759df)

  /** What the machine does to n consecutive repetitions, as logarithms: in all, and what others on it take. */
  function drawMachine(n: number): { all: number; others: number }[] {
    let [state, load, left, burst] = [normal(), normal(), 0, 0]
    const next = (before: number) => noise.lasting * before + Math.sqrt(1 - noise.lasting ** 2) * normal()
    return Array.from({ length: n }, () => {
      ;[state, load] = [next(state), next(load)]
      if (left > 0) left--
      if (left === 0) burst = 0
      if (uniform() < noise.bursts) {
        left = 1 + Math.floor(-noise.burstLength * Math.log(1 - uniform()))
        burst = Math.log1p(-noise.burstMean * Math.log(1 - uniform()))
      }
      const others = noise.load * Math.abs(load) + burst
      return { all: noise.shared * state + others, others }
    })
  }

  /** What one side does in n repetitions, as logarithms. */
  function drawSide(n: number): number[] {
    const [level, slope] = [noise.side * normal(), noise.drift * normal()]
    return Array.from(
      { length: n },
      (_, i) => level + (slope * i) / Math.max(1, n - 1) + noise.own * normal(),
    )
  }

  return {
    /** Repetitions of one run, around 1, and the share of each that others held it up. */
    run(n: number): { times: number[]; disturbed: number[] } {
      const level = noise.run * normal()
      const machine = drawMachine(n)
      return {
        times: drawSide(n).map((own, i) => Math.exp(level + machine[i]!.all + own)),
        disturbed: machine.map(({ others }) => 1 - Math.exp(-others)),
      }
    },
    /** Repetitions of two sides in turns (A B, B A), around 1. */
    turns(n: number): [number[], number[]] {
      const machine = drawMachine(2 * n)
      const [first, second] = [drawSide(n), drawSide(n)]
      const at = (pair: number, isSecond: boolean) =>
        machine[2 * pair + (isSecond === (pair % 2 === 0) ? 1 : 0)]!.all
      return [
        first.map((own, i) => Math.exp(own + at(i, false))),
        second.map((own, i) => Math.exp(own + at(i, true))),
      ]
    },
  }
}
