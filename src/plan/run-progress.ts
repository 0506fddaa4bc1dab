import type { Plan } from './plan.ts'
import { PHASES, type Phase, type Row } from '../row/schema.ts'

/** A point with the provers of one name, which its rows do not tell apart. */
interface Unit {
  track: string
  point: string
  prover: string
  /** Position of its point in the run, from 0. */
  position: number
  /** What the point costs beside other points. */
  cost: number
  /** Whether all iterations of a phase run before the next phase begins. */
  isOrdered: boolean
  /** Iterations planned of each phase. */
  planned: Record<Phase, number>
  /** Seconds of each iteration so far, null where nothing ran. */
  measured: Record<Phase, (number | null)[]>
}

/** What runs now. */
export interface Running {
  track: string
  point: string
  phase: Phase
  elapsedS: number
}

export type IsWanted = (track: string, point: string, phase: Phase) => boolean

/** Counts the rows of a run against its plan: how far it is, and how long the rest will take at the pace measured. */
export class RunProgress {
  readonly #units: readonly Unit[]
  /** Points of the run. */
  readonly points: number
  /** Position of the furthest point that has begun. */
  #reached = 0

  /** @param isWanted false for phases that a filter leaves out */
  constructor(plan: Plan, isWanted: IsWanted = () => true) {
    const points = plan.tracks.flatMap(({ name, points: own }) =>
      own.map((point) => ({ track: name, ...point })),
    )
    const provers = [...Map.groupBy(plan.provers, ({ name }) => name)]
    this.points = points.length
    this.#units = points.flatMap(({ track, id, cost = 1 }, position) =>
      provers.map(([prover, alike]) => ({
        track,
        point: id,
        prover,
        position,
        cost,
        isOrdered: alike.length === 1 || plan.interleave,
        planned: forPhases((phase) => (isWanted(track, id, phase) ? fewest(plan, phase) * alike.length : 0)),
        measured: forPhases(() => []),
      })),
    )
  }

  add(row: Row): void {
    const unit = this.#units.find(
      ({ track, point, prover }) => track === row.track && point === row.point && prover === row.prover?.name,
    )
    if (!unit) return
    unit.measured[row.phase].push(row.time_s ?? null)
    this.#reach(unit.position)
  }

  /** Points that are over, with the part of the one that runs: 2.5 is two and a half. */
  donePoints(): number {
    const current = this.#units.filter(({ position }) => position === this.#reached)
    const planned = sum(current.flatMap((unit) => PHASES.map((phase) => expected(unit, phase))))
    const done = sum(current.flatMap((unit) => PHASES.map((phase) => unit.measured[phase].length)))
    return this.#reached + (planned ? done / planned : 0)
  }

  /** Seconds, or undefined while a phase that is still to come was never measured. */
  estimateLeftS(running?: Running): number | undefined {
    const at =
      running && this.#units.find(({ track, point }) => track === running.track && point === running.point)
    if (at) this.#reach(at.position)
    let leftS = 0
    for (const unit of this.#units.filter(({ position }) => position >= this.#reached)) {
      for (const phase of PHASES) {
        const left = expected(unit, phase) - unit.measured[phase].length
        if (left <= 0) continue
        const eachS = this.#estimateS(unit, phase)
        if (eachS === undefined) return undefined
        // What runs now has less left the longer it takes, and never less than nothing.
        const isRunning = unit === at && running?.phase === phase
        leftS += eachS * left - (isRunning ? Math.min(eachS, running.elapsedS) : 0)
      }
    }
    return leftS
  }

  #reach(position: number): void {
    this.#reached = Math.max(this.#reached, position)
  }

  /** Seconds of one iteration: as measured on the point itself, else on the last point that was, by what they cost. */
  #estimateS(unit: Unit, phase: Phase): number | undefined {
    const own = mean(unit.measured[phase])
    if (own !== undefined) return own
    const other = this.#units.findLast(
      ({ prover, measured }) => prover === unit.prover && mean(measured[phase]) !== undefined,
    )
    return other && mean(other.measured[phase])! * (unit.cost / other.cost)
  }
}

/** Iterations of a phase, which is over where a later one has begun, however often its plan let it run. */
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
