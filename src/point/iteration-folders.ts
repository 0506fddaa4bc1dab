import { readdirSync, rmSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Row } from '../row/schema.ts'
import type { Link } from './chain.ts'
import type { PlanOptions } from '../plan/options.ts'

/** The folders of a point's iterations: which of them are needed, and which stay when the point has ended. */
export class IterationFolders {
  readonly #dir: string
  readonly #keep: PlanOptions['keep']
  readonly #ofFailures = new Set<string>()
  readonly #names = new WeakMap<Link, ReadonlySet<string>>()
  #last: ReadonlySet<string> = new Set()

  constructor(dir: string, keep: PlanOptions['keep']) {
    this.#dir = dir
    this.#keep = keep
  }

  pathOf(iteration: number): string {
    return join(this.#dir, String(iteration))
  }

  /** Takes what an iteration left, so that it stays where the plan wants its like kept. */
  add({ status }: Row, link: Link): void {
    this.#last = this.#namesOf(link)
    if (status === 'ok' || status === 'skipped') return
    for (const name of this.#last) this.#ofFailures.add(name)
  }

  /**
   * Removes the folders that no iteration to come can build on, unless they are to stay. Done between any two phases,
   * when nothing else runs: so without Node's threads, a way to which and back takes longer than the call.
   */
  removeAllBut(needed: readonly Link[]): void {
    if (this.#keep === 'all') return
    const kept = new Set([...needed.flatMap((link) => [...this.#namesOf(link)]), ...this.#kept()])
    for (const name of this.#list()) {
      if (!kept.has(name)) rmSync(join(this.#dir, name), { recursive: true, force: true })
    }
  }

  /** Removes all that is not to stay, and the folders above as far up as `root` where nothing is left in them. */
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

  /** Removes what a process that was killed has left of this point. */
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

  #kept(): Iterable<string> {
    if (this.#keep === 'last') return this.#last
    return this.#keep === 'failed' ? this.#ofFailures : []
  }

  /** Names of the folders that hold a link's files: its own, and those of what it builds on. */
  #namesOf(link: Link): ReadonlySet<string> {
    // Asked for every link again after every iteration.
    let names = this.#names.get(link)
    if (!names) this.#names.set(link, (names = this.#findNames(link)))
    return names
  }

  #findNames({ iteration, files }: Link): ReadonlySet<string> {
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
