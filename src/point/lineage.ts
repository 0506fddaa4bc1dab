import type { Files } from '../prover/contract.ts'
import { PHASES, type Phase, type Row, type Status } from '../row/schema.ts'

/** What the first phase of a point starts from. */
export interface Start {
  /** Absolute paths by name: the model, the input and every artifact made so far. */
  files: Files
  circuit_sha256: string | null
  /** What the phases so far reported in addition to their figures. */
  extra: Readonly<Record<string, unknown>>
}

/**
 * What an iteration of a phase left for the next phase, including everything it was built on: circuit and quantised
 * model always come from the same compile.
 */
export interface Lineage extends Start {
  iteration: number
  status: Status
  /** Made by an earlier process of a resumed run: its row exists, its files do not. */
  isGone?: boolean
}

/** The lineages of a point so far, by phase, in the order of their iterations. */
export type Lineages = Record<Phase, Lineage[]>

/** What a row from an earlier process of the run says about its iteration. */
export function lineageOfRow({ iteration, status, circuit_sha256 }: Row): Lineage {
  return {
    iteration: iteration ?? 1,
    status: status ?? 'ok',
    files: {},
    circuit_sha256: circuit_sha256 ?? null,
    extra: {},
    isGone: true,
  }
}

/** @param phases those that the prover has */
export function earlierPhases(phase: Phase, phases: readonly Phase[] = PHASES): Phase[] {
  return phases.slice(0, phases.indexOf(phase))
}

/**
 * What an iteration builds on: the same iteration of the phase before, or the last successful one if there is none. If
 * the files of that one are gone, another successful one whose files exist is used, if there is any.
 * @param iteration absent if any will do
 */
export function lineageBefore(before: readonly Lineage[], iteration?: number): Lineage | undefined {
  return choose(
    before,
    before.find((own) => own.iteration === iteration),
  )
}

/**
 * The lineages whose files later iterations may build on.
 * @param planned maximum number of iterations of each phase
 * @param phases those that the prover has
 */
export function lineagesStillNeeded(
  lineages: Lineages,
  planned: Readonly<Record<Phase, number>>,
  phases: readonly Phase[],
): Set<Lineage> {
  const needed = new Set<Lineage>()
  for (const [index, phase] of phases.slice(1).entries()) {
    const before = lineages[phases[index]!]
    const byIteration = new Map(before.map((own) => [own.iteration, own]))
    const done = new Set(lineages[phase].map(({ iteration }) => iteration))
    for (let iteration = 1; iteration <= planned[phase]; iteration++) {
      const own = done.has(iteration) ? undefined : choose(before, byIteration.get(iteration))
      if (own) needed.add(own)
    }
  }
  return needed
}

function choose(before: readonly Lineage[], same: Lineage | undefined): Lineage | undefined {
  const own = same ?? before.findLast(({ status }) => status === 'ok') ?? before.at(-1)
  if (own?.status !== 'ok' || !own.isGone) return own
  return before.findLast(({ status, isGone }) => status === 'ok' && !isGone) ?? own
}
