import { readdirSync, rmSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Row } from '../row/schema.ts'
import type { Lineage } from './lineage.ts'
import type { PlanOptions } from '../plan/options.ts'

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
    for (const name of this.#list()) {
      if (!staying.has(name)) rmSync(join(this.#dir, name), { recursive: true, force: true })
    }
  }

  /** Removes all folders that are not to be kept, and their parents up to `root` if they are then empty. */
  async dispose(root: string): Promise<void> {
    this.removeAllBut([])
    for (let dir = this.#dir; dir !== root && isInside(dir, root); dir = dirname(dir)) {
      const isGone = await rmdir(dir).then(
        () => true,
        () => false,
      )
      if (!isGone) return
    }
  }

  /** Removes what a killed process left of this point. */
  async clear(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true })
  }

  #list(): string[] {
    try {
      return readdirSync(this.#dir)
    } catch {
      return []
    }
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
      .filter((path) => isInside(path, this.#dir))
      .map((path) => relative(this.#dir, path).split(sep)[0]!)
    return new Set([String(iteration), ...own])
  }
}

function isInside(path: string, folder: string): boolean {
  const inner = relative(folder, path)
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner)
}
