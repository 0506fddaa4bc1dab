import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LongProcess } from '../process/long-process.ts'
import type { ProcessOutcome } from '../process/run-process.ts'
import { formatReport, warmCommand, type WarmAnswer, type WarmCall } from '../prover/phase-command.ts'
import {
  CurrentProcess,
  endedBy,
  failedOutcome,
  Loaded,
  measurementOf,
  watchEnding,
  type Ending,
  type Opened,
  type SessionFields,
} from './session-process.ts'

/** The module to import, and how. */
export interface WarmModule {
  /** Name of the prover. */
  name: string
  source: string
  root: string
  memoryLimitMb: number | undefined
  /** CPUs that the process is held to. */
  cpus: number | undefined
}

interface Running {
  loaded: Loaded
  /** Calls one function; resolves to undefined if the process ends first. */
  ask: (call: WarmCall) => Promise<WarmAnswer | undefined>
}

export interface Served {
  outcome: ProcessOutcome
  fields: SessionFields
}

interface CallLimits {
  signal: AbortSignal
  timeoutS: number | undefined
  cwd: string
  /** Whether other calls may run at the same time. */
  isConcurrent: boolean
}

/**
 * A Node process that has imported a prover's module and is called once for each iteration. After a crash or a timeout
 * the next call starts another one.
 */
export class WarmProver {
  readonly #current = new CurrentProcess<Running>()

  async call(
    module: WarmModule,
    call: WarmCall,
    { signal, timeoutS, cwd, isConcurrent }: CallLimits,
  ): Promise<Served> {
    const fields: SessionFields = { process: 'warm' }
    const name = `${call.phase} of ${module.name}`
    const loading = watchEnding(signal, timeoutS)
    const opened = this.#current.open(async () => this.#current.running ?? start(module, cwd, loading.ending))
    const running = await opened.finally(loading.stop)
    if (typeof running === 'string') return { outcome: endedBy(running, name, timeoutS), fields }
    if (!('loaded' in running)) return { outcome: running, fields }
    const watch = watchEnding(signal, timeoutS)
    try {
      const { loaded } = running
      const {
        result,
        reading,
        fields: own,
      } = await loaded.serve('warm', async () => {
        const startMs = performance.now()
        const answer = await Promise.race([running.ask(call), watch.ending])
        return { answer, waitedS: (performance.now() - startMs) / 1000 }
      })
      const { answer, waitedS } = result
      if (typeof answer !== 'object') loaded.isSpent = true
      const ended = answer === undefined ? await loaded.process.ended : undefined
      if (loaded.isSpent) await this.#current.leave(running)
      if (typeof answer === 'string') return { outcome: endedBy(answer, name, timeoutS), fields }
      const measured = (timeS: number) => measurementOf(timeS, reading)
      if (ended || !answer) return { outcome: { ...ended!, measurement: measured(waitedS) }, fields }
      // A call that waits for another one to leave the thread has not begun, but who asks waits for it.
      const wholeS = isConcurrent ? waitedS : undefined
      return { outcome: judge(answer, name, { waitedS, wholeS }, measured), fields: own }
    } finally {
      watch.stop()
    }
  }

  close(): Promise<void> {
    return this.#current.close()
  }
}

/** What one call is in terms of a process: 0 for success, 1 for a rejection, 2 for a throw. */
function judge(
  answer: WarmAnswer,
  name: string,
  { waitedS, wholeS }: { waitedS: number; wholeS: number | undefined },
  measured: (timeS: number) => ProcessOutcome['measurement'],
): ProcessOutcome {
  if ('threw' in answer) {
    const [first = ''] = answer.threw.split('\n')
    const details = { tail: answer.threw, return_code: 2, measurement: measured(waitedS) }
    return failedOutcome('PHASE_FAILED', `${name} threw: ${first}`, details)
  }
  if ('ready' in answer) throw new Error(`${name}: a warm prover answered out of turn`)
  const { timeS, isRejected, report } = answer
  const measurement = measured(wholeS ?? timeS)
  const output = formatReport({ timeS, ...report })
  if (isRejected)
    return {
      ...failedOutcome('PHASE_FAILED', `${name} returned false`, { return_code: 1, measurement }),
      output,
    }
  const good = { status: 'ok', return_code: 0, signal: null, tail: '', error: null, warnings: [] } as const
  return { ...good, warnings: [], output, measurement }
}

/** The id of the message that says that the module is loaded. */
const READY = 0

async function start(
  { source, root, memoryLimitMb, cpus }: WarmModule,
  cwd: string,
  ending: Promise<Ending>,
): Promise<Opened<Running>> {
  // Paths of sockets are short: the folder of the iteration may be too deep.
  const folder = mkdtempSync(join(tmpdir(), 'provemark-'))
  const path = join(folder, 'warm')
  const server = createServer().listen(path)
  await once(server, 'listening')
  const connected = once(server, 'connection') as Promise<[Socket]>
  const startMs = performance.now()
  const process = new LongProcess({
    ...warmCommand({ source, root, socket: path }),
    cwd,
    memoryLimitMb,
    cpus,
  })
  const close = async () => {
    server.close()
    await process.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const first = await Promise.race([connected, process.ended, ending])
  if (!Array.isArray(first)) {
    await close()
    return first
  }
  const [socket] = first
  // It ends with its process, and that says why.
  socket.on('error', () => {})
  let isClosed = false
  const pending = new Map<number, (answer: WarmAnswer | undefined) => void>()
  const waitFor = (id: number) =>
    new Promise<WarmAnswer | undefined>((resolve) => {
      if (isClosed) resolve(undefined)
      else pending.set(id, resolve)
    })
  const ready = waitFor(READY)
  const lines = createInterface({ input: socket })
  lines.on('line', (line) => {
    const { id, ...answer } = JSON.parse(line) as WarmAnswer & { id: number }
    pending.get(id)?.(answer)
    pending.delete(id)
  })
  lines.on('close', () => {
    isClosed = true
    for (const resolve of pending.values()) resolve(undefined)
  })
  await ready
  let calls = READY
  const ask = (call: WarmCall) => {
    const id = ++calls
    const answer = waitFor(id)
    if (!isClosed) socket.write(`${JSON.stringify({ id, ...call })}\n`)
    return answer
  }
  return { loaded: new Loaded(process, (await process.started)!, startMs, close), ask }
}
