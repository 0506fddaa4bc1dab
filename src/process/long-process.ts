import { OutputCollector } from './output.ts'
import { runProcess, type ProcessOutcome } from './run-process.ts'
import type { ProcessSpec } from './spec.ts'

export interface Log {
  text: string
  /** What is missing from the text. */
  warnings: string[]
}

/** A process that lives through several iterations. Its tree ends with it, and with our own process. */
export class LongProcess {
  readonly #stop = new AbortController()
  /** Resolves when its whole tree has ended. */
  readonly ended: Promise<ProcessOutcome>
  /** Its pid; undefined if it could not be started. */
  readonly started: Promise<number | undefined>
  /** What it has printed since the last call; undefined if nothing. */
  #log: OutputCollector | undefined
  /** How it ended; undefined while it runs. */
  outcome: ProcessOutcome | undefined

  constructor(spec: Omit<ProcessSpec, 'signal' | 'onOutput' | 'onStarted'>) {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    this.started = promise
    this.ended = runProcess({
      ...spec,
      signal: this.#stop.signal,
      onStarted: resolve,
      onOutput: (chunk) => {
        this.#log ??= new OutputCollector({ keepLines: spec.keepLines })
        this.#log.write(chunk)
      },
    }).then((outcome) => {
      resolve(undefined)
      return (this.outcome = outcome)
    })
  }

  /** What it has printed since the last call. */
  takeLog(): Log {
    const log = this.#log
    this.#log = undefined
    log?.end()
    return { text: log?.text() ?? '', warnings: log?.warnings() ?? [] }
  }

  /** SIGTERM, and SIGKILL after the grace period; resolves when its whole tree has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.ended
  }
}
