import type { Vitest } from 'vitest/node'
import { formatError } from '../errors.ts'
import type { RunOptions } from '../plan/options.ts'
import { describeHolder, takeRunLock } from '../system/run-lock.ts'

/**
 * Waits until no other run is on this machine, as the user wants it, and says so.
 * @returns what gives the machine back
 * @throws ProvemarkError RUN_LOCKED
 */
export async function lockMachine(mode: RunOptions['lock'], root: string): Promise<() => void> {
  if (mode === 'off') return () => {}
  return takeRunLock({
    mode,
    root,
    onWait: (holder) =>
      say(
        `waiting: another run holds this machine (${describeHolder(holder)}); --no-lock runs beside it, and both show worse figures`,
      ),
    onUnavailable: (why) => say(`runs on this machine cannot be kept apart: ${why}`),
  })
}

function say(text: string): void {
  // What the holder says of itself comes from another process.
  process.stderr.write(`${formatError(new Error(text))}\n`)
}

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
