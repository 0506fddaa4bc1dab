import type { Vitest } from 'vitest/node'

/** What a run holds while it lasts, such as the machine: given back when it ends, however it ends. */
export class HeldResources {
  #release: (() => void)[] = []

  constructor(vitest: Vitest) {
    vitest.onClose(() => this.release())
    process.once('exit', () => this.release())
  }

  add(release: () => void): void {
    this.#release.push(release)
  }

  release(): void {
    const all = this.#release.toReversed()
    this.#release = []
    for (const release of all) release()
  }
}
