import { type Plan, proverKeyOf, proverKeyOfPlanned } from './plan.ts'
import { PHASES, type Phase, type Row } from '../row/schema.ts'

/** A point with one variant, or with several that its rows cannot distinguish. */
interface Unit {
  track: string
  point: string
  /** Key of the variant. */
  prover: string
  /** Index of its point in the run, from 0. */
  position: number
  /** Cost of the point relative to other points. */
  cost: number
  /** Whether all iterations of a phase run before the next phase begins. */
  isOrdered: boolean
  /** Iterations of prove that run at once. */
  atOnce: number
  /** Planned iterations of each phase. */
  planned: Record<Phase, number>
  /** Seconds of each iteration so far; null if nothing ran. */
  measured: Record<Phase, (number | null)[]>
}

/** The phase that is running. */
export interface Running {
  track: string
  point: string
  phase: Phase
  elapsedS: number
}

export type IsWanted = (track: string, point: string, phase: Phase) => boolean

/** Tracks the rows of a run against its plan: how far it is, and the remaining time at the measured pace. */
export class RunProgress {
  readonly #units: readonly Unit[]
  /** Number of points in the run. */
  readonly points: number
  /** Index of the furthest point that has started. */
  #reached = 0

  /** @param isWanted false for phases that a filter excludes */
  constructor(plan: Plan, isWanted: IsWanted = () => true) {
    const points = plan.tracks.flatMap(({ name, points: own }) =>
      own.map((point) => ({ track: name, ...point })),
    )
    const provers = [...Map.groupBy(plan.provers, (own) => proverKeyOfPlanned(plan, own))]
    this.points = points.length
    this.#units = points.flatMap(({ track, id, cost = 1 }, position) =>
      provers.map(([prover, alike]) => ({
        track,
        point: id,
        prover,
        position,
        cost,
        atOnce: alike[0]?.settings.concurrency ?? 1,
        isOrdered: alike.length === 1 || plan.interleave,
        planned: forPhases((phase) => {
          const count = alike.filter(({ phases }) => phases.includes(phase)).length
          return isWanted(track, id, phase) ? fewest(plan, phase) * count : 0
        }),
        measured: forPhases(() => []),
      })),
    )
  }

  add(row: Row): void {
    const key = proverKeyOf(row)
    const unit = this.#units.find(
      ({ track, point, prover }) => track === row.track && point === row.point && prover === key,
    )
    if (!unit) return
    unit.measured[row.phase].push(row.time_s ?? null)
    this.#reach(unit.position)
  }

  /** Finished points, plus the finished fraction of the current one: 2.5 is two and a half. */
  donePoints(): number {
    const current = this.#units.filter(({ position }) => position === this.#reached)
    const planned = sum(current.flatMap((unit) => PHASES.map((phase) => expected(unit, phase))))
    const done = sum(current.flatMap((unit) => PHASES.map((phase) => unit.measured[phase].length)))
    return this.#reached + (planned ? done / planned : 0)
  }

  /** Seconds; undefined while a phase still to come has not been measured yet. */
  estimateLeftS(running?: Running): number | undefined {
    const at = running && this.#findRunning(running)
    if (at) this.#reach(at.position)
    let leftS = 0
    for (const unit of this.#units.filter(({ position }) => position >= this.#reached)) {
      for (const phase of PHASES) {
        const left = expected(unit, phase) - unit.measured[phase].length
        if (left <= 0) continue
        const eachS = this.#estimateS(unit, phase)
        if (eachS === undefined) return undefined
        // The running iteration has less time left the longer it takes, but never less than zero.
        const isRunning = unit === at && running?.phase === phase
        const turns = phase === 'prove' ? left / unit.atOnce : left
        leftS += eachS * turns - (isRunning ? Math.min(eachS, running.elapsedS) : 0)
      }
    }
    return leftS
  }

  /** Variants of a point run one after another: the running one is the first that has not finished the phase. */
  #findRunning({ track, point, phase }: Running): Unit | undefined {
    const own = this.#units.filter((unit) => unit.track === track && unit.point === point)
    return own.find((unit) => unit.measured[phase].length < expected(unit, phase)) ?? own[0]
  }

  #reach(position: number): void {
    this.#reached = Math.max(this.#reached, position)
  }

  /** Seconds of one iteration: measured on the point itself, or else on the last measured point, scaled by cost. */
  #estimateS(unit: Unit, phase: Phase): number | undefined {
    const own = mean(unit.measured[phase])
    if (own !== undefined) return own
    const other = this.#units.findLast(
      ({ prover, measured }) => prover === unit.prover && mean(measured[phase]) !== undefined,
    )
    return other && mean(other.measured[phase])! * (unit.cost / other.cost)
  }
}

/** Number of iterations of a phase. If a later phase has started, it is final even if the plan allowed more. */
function expected(unit: Unit, phase: Phase): number {
  const done = unit.measured[phase].length
  const isOver =
    unit.isOrdered && PHASES.slice(PHASES.indexOf(phase) + 1).some((later) => unit.measured[later].length)
  return isOver ? done : Math.max(done, unit.planned[phase])
}

function fewest({ options: { iterations, sampling } }: Plan, phase: Phase): number {
  return sampling && phase !== 'compile' ? sampling.min : iterations[phase]
}

function forPhases<Value>(make: (phase: Phase) => Value): Record<Phase, Value> {
  return Object.fromEntries(PHASES.map((phase) => [phase, make(phase)])) as Record<Phase, Value>
}

function mean(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null)
  return known.length ? sum(known) / known.length : undefined
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
