import { runProcess, type ProcessOutcome } from './run-process.ts'
import type { ProcessSpec } from './spec.ts'

/** How much of its newest output is kept for the reader of the next answer. */
const LOG_CHARACTERS = 2 ** 20

/** A process that lives over several iterations. Its tree ends with it, and with our own process. */
export class LongProcess {
  readonly #stop = new AbortController()
  readonly #running: Promise<ProcessOutcome>
  readonly #started = Promise.withResolvers<number | undefined>()
  #log = ''
  /** How it ended; undefined while it runs. */
  outcome: ProcessOutcome | undefined
  pid: number | undefined

  constructor(spec: Omit<ProcessSpec, 'signal' | 'onOutput' | 'onStarted'>) {
    this.#running = runProcess({
      ...spec,
      signal: this.#stop.signal,
      onStarted: (pid) => this.#started.resolve((this.pid = pid)),
      onOutput: (chunk) => (this.#log = (this.#log + chunk).slice(-LOG_CHARACTERS)),
    }).then((outcome) => {
      this.#started.resolve(undefined)
      return (this.outcome = outcome)
    })
  }

  /** Its pid; undefined if it could not be started. */
  get started(): Promise<number | undefined> {
    return this.#started.promise
  }

  /** Resolves when its whole tree has ended. */
  get ended(): Promise<ProcessOutcome> {
    return this.#running
  }

  /** What it has printed since the last call. */
  takeLog(): string {
    const log = this.#log
    this.#log = ''
    return log
  }

  /** SIGTERM, and SIGKILL after the grace period; resolves when its whole tree has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
