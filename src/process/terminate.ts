import type { EndCause } from './outcome.ts'

/** Ends a process group and all else that is known of its tree: SIGTERM, and SIGKILL after a grace. */
export class Termination {
  readonly #groupId: number
  readonly #listLiving: () => number[]
  readonly #graceMs: number
  #escalation: NodeJS.Timeout | undefined
  /** Why it was ended: the first reason counts. */
  cause: EndCause | undefined

  constructor(groupId: number, listLiving: () => number[], graceMs: number) {
    this.#groupId = groupId
    this.#listLiving = listLiving
    this.#graceMs = graceMs
  }

  end(cause: EndCause): void {
    if (this.cause) return
    this.cause = cause
    this.#signalTree('SIGTERM')
    this.#escalation = setTimeout(() => this.#signalTree('SIGKILL'), this.#graceMs)
  }

  /** Nothing outlives the process that a phase ran. */
  killRest(): void {
    clearTimeout(this.#escalation)
    this.#signalTree('SIGKILL')
  }

  #signalTree(signal: NodeJS.Signals): void {
    for (const pid of [-this.#groupId, ...this.#listLiving()]) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended by itself.
      }
    }
  }
}
