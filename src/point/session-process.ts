import type { Measurement, Phase, Row } from '../row/schema.ts'
import type { ErrorCode } from '../errors.ts'
import { LongProcess } from '../process/long-process.ts'
import { chooseMemory } from '../process/memory.ts'
import { judgeExit, watchLimits } from '../process/outcome.ts'
import type { ProcessOutcome } from '../process/run-process.ts'
import { TreeMeter, type TreeReading } from '../process/tree-meter.ts'
import type { PhaseContext } from '../prover/contract.ts'

/** What a row says about a process that serves several iterations. */
export type SessionFields = Pick<Row, 'process' | 'time_s_load' | 'mem_mb_after'>

type Kind = 'warm' | 'service'

/** One iteration of a phase that such a process serves. */
export interface ServedPhase {
  /** Name of the prover. */
  prover: string
  phase: Phase
  context: PhaseContext
  dir: string
  signal: AbortSignal
  timeoutS: number | undefined
  memoryLimitMb: number | undefined
  /** Whether other iterations may be served at the same time. */
  isConcurrent: boolean
}

export interface Served {
  outcome: ProcessOutcome
  fields: SessionFields
  cmd?: string[]
}

interface ServedBy<T> {
  result: T
  /** What its process used during the iteration. */
  reading: TreeReading
  fields: SessionFields
}

/** A process that serves several iterations of a point, some of them at once: a warm prover or a service. */
export class Loaded {
  readonly process: LongProcess
  readonly #meter: TreeMeter
  readonly #stop: () => Promise<void>
  /** From its start until it was ready; taken by the first row after it. */
  #loadS: number | undefined
  #atWork = 0
  /** Whether it takes no more iterations. */
  isSpent = false

  constructor(process: LongProcess, pid: number, startMs: number, stop = () => process.stop()) {
    this.process = process
    this.#meter = new TreeMeter(pid)
    this.#stop = stop
    this.#loadS = (performance.now() - startMs) / 1000
  }

  /** Resolves when it has ended, or as soon as no iteration is running in it. */
  async spend(): Promise<void> {
    this.isSpent = true
    if (this.#atWork === 0) await this.#stop()
  }

  /** Runs one iteration in it, and returns what that used. */
  async serve<T>(kind: Kind, iteration: () => Promise<T>): Promise<ServedBy<T>> {
    this.#atWork++
    const span = this.#meter.begin()
    let result: T
    let reading: TreeReading
    try {
      result = await iteration()
    } finally {
      this.#atWork--
      reading = this.#meter.end(span)
    }
    const loadS = this.#loadS
    this.#loadS = undefined
    const fields = {
      process: kind,
      ...(loadS === undefined ? {} : { time_s_load: loadS }),
      ...(reading.rssMb === undefined ? {} : { mem_mb_after: reading.rssMb }),
    }
    return { result, reading, fields }
  }
}

/** The process that serves the iterations of a point: at most one, opened by the first iteration that needs it. */
export class CurrentProcess<Running extends { loaded: Loaded }> {
  #opening: Promise<unknown> = Promise.resolve()
  running: Running | undefined

  /**
   * Runs one iteration in it.
   * @param loadTimeoutS absent if `ensure` has a time limit of its own
   * @param ensure returns the running process or opens one
   * @param iteration what is measured
   * @param judge makes the outcome from its result and its figures; may mark the process as spent
   */
  async serve<T>(
    kind: Kind,
    { prover, phase, signal, timeoutS }: ServedPhase,
    loadTimeoutS: number | undefined,
    ensure: (ending: Promise<Ending>) => Promise<Opened<Running>>,
    iteration: (running: Running, ending: Promise<Ending>) => Promise<T>,
    judge: (
      result: T,
      reading: TreeReading,
      running: Running,
    ) => Promise<Omit<Served, 'fields'> & Partial<Served>>,
  ): Promise<Served> {
    const fields: SessionFields = { process: kind }
    const loading = watchEnding(signal, loadTimeoutS)
    const opened = this.#open(() => ensure(loading.ending))
    const running = await opened.finally(loading.stop)
    if (typeof running === 'string')
      return { outcome: endedBy(running, `${phase} of ${prover}`, timeoutS), fields }
    if (!('loaded' in running)) return { outcome: running, fields }
    const watch = watchEnding(signal, timeoutS)
    try {
      const {
        result,
        reading,
        fields: own,
      } = await running.loaded.serve(kind, () => iteration(running, watch.ending))
      const served = { fields: own, ...(await judge(result, reading, running)) }
      if (running.loaded.isSpent) await this.leave(running)
      return served
    } finally {
      watch.stop()
    }
  }

  /** Calls `ensure`, one iteration at a time. */
  #open(ensure: () => Promise<Opened<Running>>): Promise<Opened<Running>> {
    const opened = this.#opening.then(async () => {
      const own = await ensure()
      if (typeof own === 'object' && 'loaded' in own) this.running = own
      return own
    })
    this.#opening = opened.catch(() => {})
    return opened
  }

  /** The next iteration opens a new process; those running in this one still get their responses. */
  async leave(running: Running): Promise<void> {
    if (this.running === running) this.running = undefined
    await running.loaded.spend()
  }

  async close(): Promise<void> {
    if (this.running) await this.leave(this.running)
  }
}

/** The running process, or why there is none. */
export type Opened<Running> = Running | ProcessOutcome | Ending

/** The figures of one iteration. */
export function measurementOf(timeS: number, { cpuUserS, cpuSysS, memory }: TreeReading): Measurement {
  return {
    time_s: timeS,
    cpu_user_s: cpuUserS ?? null,
    cpu_sys_s: cpuSysS ?? null,
    ...chooseMemory(memory),
  }
}

export type Ending = 'timeout' | 'cancelled'

/** Resolves when an iteration exceeds its time limit, or the run is cancelled; `stop` ends the wait. */
export function watchEnding(
  signal: AbortSignal,
  timeoutS: number | undefined,
): { ending: Promise<Ending>; stop: () => void } {
  const { promise: ending, resolve } = Promise.withResolvers<Ending>()
  const timeoutMs = timeoutS === undefined ? undefined : timeoutS * 1000
  return { ending, stop: watchLimits({ timeoutMs, signal }, resolve) }
}

const NOTHING: Measurement = { time_s: null, mem_mb: null }

export function goodOutcome(output: string, measurement: Measurement): ProcessOutcome {
  return {
    status: 'ok',
    return_code: 0,
    signal: null,
    output,
    tail: '',
    measurement,
    error: null,
    warnings: [],
  }
}

/** An iteration without a figure, or with one that failed. */
export function failedOutcome(
  code: ErrorCode,
  message: string,
  {
    tail = '',
    ...known
  }: Partial<
    Pick<ProcessOutcome, 'status' | 'signal' | 'output' | 'tail' | 'return_code' | 'measurement'>
  > = {},
): ProcessOutcome {
  const error = { code, message, tail }
  return { ...goodOutcome('', NOTHING), status: 'failed', return_code: null, tail, error, ...known }
}

export function endedBy(ending: Ending, what: string, timeoutS: number | undefined): ProcessOutcome {
  const facts = { exitCode: null, signal: null, cause: ending }
  const { status, error } = judgeExit(what, facts, { timeoutMs: timeoutS && timeoutS * 1000 })
  return failedOutcome(error!.code, error!.message, { status })
}
