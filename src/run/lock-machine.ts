import type { Vitest } from 'vitest/node'
import { formatError } from '../errors.ts'
import type { RunOptions } from '../plan/options.ts'
import { describeHolder, takeRunLock } from '../system/run-lock.ts'

/**
 * Waits until no other run is using this machine, or refuses, depending on the mode, and prints why.
 * @returns releases the machine
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
  // The holder's description comes from another process.
  process.stderr.write(`${formatError(new Error(text))}\n`)
}

/** What a run holds while it lasts, such as the machine. Released when the run ends, however it ends. */
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
