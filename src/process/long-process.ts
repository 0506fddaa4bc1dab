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
  readonly #started = Promise.withResolvers<number | undefined>()
  readonly #keepLines: ProcessSpec['keepLines']
  /** What it has printed since the last call; undefined if nothing. */
  #log: OutputCollector | undefined
  /** How it ended; undefined while it runs. */
  outcome: ProcessOutcome | undefined

  constructor(spec: Omit<ProcessSpec, 'signal' | 'onOutput' | 'onStarted'>) {
    this.#keepLines = spec.keepLines
    this.ended = runProcess({
      ...spec,
      signal: this.#stop.signal,
      onStarted: (pid) => this.#started.resolve(pid),
      onOutput: (chunk) => {
        this.#log ??= new OutputCollector({ keepLines: this.#keepLines })
        this.#log.write(chunk)
      },
    }).then((outcome) => {
      this.#started.resolve(undefined)
      return (this.outcome = outcome)
    })
  }

  /** Its pid; undefined if it could not be started. */
  get started(): Promise<number | undefined> {
    return this.#started.promise
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
