import { rmSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { isInFolder, listNames } from '../lib/files.ts'
import type { PlanOptions } from '../plan/options.ts'
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
  /** Made by an earlier process of a resumed run: its row exists, but not its files. */
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

/** The folders of a point's iterations: which are still needed, and which are kept after the point. */
export class IterationFolders {
  readonly #dir: string
  readonly #keep: PlanOptions['keep']
  readonly #ofFailures = new Set<string>()
  readonly #names = new WeakMap<Lineage, ReadonlySet<string>>()
  #last: ReadonlySet<string> = new Set()

  constructor(dir: string, keep: PlanOptions['keep']) {
    this.#dir = dir
    this.#keep = keep
  }

  pathOf(iteration: number): string {
    return join(this.#dir, String(iteration))
  }

  /** Registers an iteration's folders, which the option `keep` may preserve. */
  add({ status }: Row, lineage: Lineage): void {
    this.#last = this.#namesOf(lineage)
    if (status === 'ok' || status === 'skipped') return
    for (const name of this.#last) this.#ofFailures.add(name)
  }

  /**
   * Removes the folders that no later iteration can build on, unless they are to be kept. Synchronous because a round
   * trip to Node's thread pool takes longer than these calls.
   * @param atWork iterations that are running
   */
  removeAllBut(needed: readonly Lineage[], atWork: readonly number[] = []): void {
    if (this.#keep === 'all') return
    const staying = new Set([
      ...needed.flatMap((lineage) => [...this.#namesOf(lineage)]),
      ...atWork.map(String),
      ...this.#staying(),
    ])
    for (const name of listNames(this.#dir)) {
      if (!staying.has(name)) rmSync(join(this.#dir, name), { recursive: true, force: true })
    }
  }

  /** Removes all folders that are not to be kept, and their parents up to `root` if they are then empty. */
  async dispose(root: string): Promise<void> {
    this.removeAllBut([])
    for (let dir = this.#dir; dir !== root && isInFolder(dir, root); dir = dirname(dir)) {
      try {
        await rmdir(dir)
      } catch {
        return
      }
    }
  }

  /** Removes what a killed process left of this point. */
  async clear(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true })
  }

  #staying(): Iterable<string> {
    if (this.#keep === 'last') return this.#last
    return this.#keep === 'failed' ? this.#ofFailures : []
  }

  /** Names of the folders with a lineage's files: its own, and those of the lineages it builds on. */
  #namesOf(lineage: Lineage): ReadonlySet<string> {
    // Called for every lineage after every iteration.
    let names = this.#names.get(lineage)
    if (!names) this.#names.set(lineage, (names = this.#findNames(lineage)))
    return names
  }

  #findNames({ iteration, files }: Lineage): ReadonlySet<string> {
    const own = Object.values(files)
      .filter((path) => isInFolder(path, this.#dir))
      .map((path) => relative(this.#dir, path).split(sep)[0]!)
    return new Set([String(iteration), ...own])
  }
}
