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
  goodOutcome,
  Loaded,
  measurementOf,
  type Ending,
  type Opened,
  type Served,
  type ServedPhase,
} from './session-process.ts'

/** The module to import, and the folder that a relative path starts from. */
interface WarmModule {
  source: string
  root: string
}

interface Running {
  loaded: Loaded
  /** Calls one function; resolves to undefined if the process ends first. */
  ask: (call: WarmCall) => Promise<WarmAnswer | undefined>
}

/**
 * A Node process that has imported a prover's module and is called once for each iteration. After a crash or a timeout
 * the next call starts another one.
 */
export class WarmProver {
  readonly #current = new CurrentProcess<Running>()

  call(module: WarmModule, served: ServedPhase): Promise<Served> {
    const { prover, phase, context, timeoutS, isConcurrent } = served
    const name = `${phase} of ${prover}`
    return this.#current.serve(
      'warm',
      served,
      timeoutS,
      async (ending) => this.#current.running ?? start(module, served, ending),
      async ({ ask }, ending) => {
        const startMs = performance.now()
        const answer = await Promise.race([ask({ phase, context }), ending])
        return { answer, waitedS: (performance.now() - startMs) / 1000 }
      },
      async ({ answer, waitedS }, reading, { loaded }) => {
        const measured = (timeS: number) => measurementOf(timeS, reading)
        // A call that waits for another one to release the thread has not begun, but its caller is already waiting.
        const wholeS = isConcurrent ? waitedS : undefined
        if (typeof answer === 'object') return { outcome: judge(answer, name, { waitedS, wholeS }, measured) }
        loaded.isSpent = true
        const outcome = answer
          ? endedBy(answer, name, timeoutS)
          : { ...(await loaded.process.ended), measurement: measured(waitedS) }
        return { outcome, fields: { process: 'warm' } }
      },
    )
  }

  close(): Promise<void> {
    return this.#current.close()
  }
}

/** The result of a call as an exit code: 0 for success, 1 for a rejection, 2 for a throw. */
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
  return isRejected
    ? failedOutcome('PHASE_FAILED', `${name} returned false`, { return_code: 1, measurement, output })
    : goodOutcome(output, measurement)
}

/** The id of the message that says that the module is loaded. */
const READY = 0

async function start(
  module: WarmModule,
  { dir, context, memoryLimitMb }: ServedPhase,
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
    ...warmCommand({ ...module, socket: path }),
    cwd: dir,
    memoryLimitMb,
    cpus: context.settings.cpus,
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
  // It fails when its process ends, and the outcome of the process says why.
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
