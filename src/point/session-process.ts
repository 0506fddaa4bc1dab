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

/** A process that serves several iterations of a point, some of them at once: a warm prover or a service. */
export interface Loaded {
  process: LongProcess
  meter: TreeMeter
  stop: () => Promise<void>
  /** From its start until it was ready; taken by the first row after it. */
  loadS: number | undefined
  atWork: number
  /** Whether it takes no more iterations. */
  isSpent: boolean
}

/** A process that has started and is ready. */
export async function asLoaded(
  process: LongProcess,
  startMs: number,
  stop = () => process.stop(),
): Promise<Loaded> {
  const loadS = (performance.now() - startMs) / 1000
  return { process, meter: new TreeMeter((await process.started)!), stop, loadS, atWork: 0, isSpent: false }
}

/** The process that serves the iterations of a point: at most one, opened by the first iteration that needs it. */
export class CurrentProcess<Running extends Loaded> {
  #opening: Promise<unknown> = Promise.resolve()
  protected running: Running | undefined

  /**
   * Runs one iteration in it.
   * @param loadTimeoutS absent if `ensure` has a time limit of its own
   * @param ensure returns the running process or opens one
   * @param iteration what is measured
   * @param judge makes the outcome from its result and its figures; may mark the process as spent
   */
  protected async serveBy<T>(
    kind: NonNullable<SessionFields['process']>,
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
    const loading = watchEnding(signal, loadTimeoutS)
    const running = await this.#open(() => ensure(loading.ending)).finally(loading.stop)
    const fields: SessionFields = { process: kind }
    if (typeof running === 'string')
      return { outcome: endedBy(running, `${phase} of ${prover}`, timeoutS), fields }
    if (!('meter' in running)) return { outcome: running, fields }
    const watch = watchEnding(signal, timeoutS)
    running.atWork++
    const span = running.meter.begin()
    let reading: TreeReading | undefined
    try {
      const result = await iteration(running, watch.ending).finally(() => {
        running.atWork--
        reading = running.meter.end(span)
      })
      const { loadS } = running
      running.loadS = undefined
      if (loadS !== undefined) fields.time_s_load = loadS
      if (reading!.rssMb !== undefined) fields.mem_mb_after = reading!.rssMb
      const served = { fields, ...(await judge(result, reading!, running)) }
      if (running.isSpent) await this.leave(running)
      return served
    } finally {
      watch.stop()
    }
  }

  /** Calls `ensure`, one iteration at a time. */
  #open(ensure: () => Promise<Opened<Running>>): Promise<Opened<Running>> {
    const opened = this.#opening.then(async () => {
      const own = await ensure()
      if (typeof own === 'object' && 'meter' in own) this.running = own
      return own
    })
    this.#opening = opened.catch(() => {})
    return opened
  }

  /** The next iteration opens a new process; this one ends as soon as no iteration is running in it. */
  protected async leave(running: Running): Promise<void> {
    if (this.running === running) this.running = undefined
    running.isSpent = true
    if (running.atWork === 0) await running.stop()
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
  { tail = '', ...known }: Partial<ProcessOutcome> = {},
): ProcessOutcome {
  const nothing = goodOutcome('', { time_s: null, mem_mb: null })
  return { ...nothing, status: 'failed', return_code: null, tail, error: { code, message, tail }, ...known }
}

export function endedBy(ending: Ending, what: string, timeoutS: number | undefined): ProcessOutcome {
  const facts = { exitCode: null, signal: null, cause: ending }
  const { status, error } = judgeExit(what, facts, { timeoutMs: timeoutS && timeoutS * 1000 })
  return failedOutcome(error!.code, error!.message, { status })
}
