import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LongProcess } from '../process/long-process.ts'
import type { ProcessOutcome } from '../process/run-process.ts'
import { formatReport, nodeCommand, type WarmAnswer, type WarmCall } from '../prover/phase-command.ts'
import {
  asLoaded,
  CurrentProcess,
  endedBy,
  failedOutcome,
  goodOutcome,
  type Loaded,
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

interface Running extends Loaded {
  /** Calls one function; resolves to undefined if the process ends first. */
  ask: (call: WarmCall) => Promise<WarmAnswer | undefined>
}

/**
 * A Node process that has imported a prover's module and is called once for each iteration. After a crash or a timeout
 * the next call starts another one.
 */
export class WarmProver extends CurrentProcess<Running> {
  call(module: WarmModule, served: ServedPhase): Promise<Served> {
    const { prover, phase, context, timeoutS, isConcurrent } = served
    const name = `${phase} of ${prover}`
    return this.serveBy(
      'warm',
      served,
      timeoutS,
      async (ending) => this.running ?? start(module, served, ending),
      async ({ ask }, ending) => {
        const startMs = performance.now()
        const answer = await Promise.race([ask({ phase, context }), ending])
        return { answer, waitedS: (performance.now() - startMs) / 1000 }
      },
      async ({ answer, waitedS }, reading, running) => {
        // A call that waits for another one to release the thread has not begun, but its caller is already waiting.
        const measured = (timeS: number) => measurementOf(isConcurrent ? waitedS : timeS, reading)
        if (typeof answer === 'object') return { outcome: judge(answer, name, waitedS, measured) }
        running.isSpent = true
        const outcome = answer
          ? endedBy(answer, name, timeoutS)
          : { ...(await running.process.ended), measurement: measured(waitedS) }
        return { outcome, fields: { process: 'warm' } }
      },
    )
  }
}

/** The result of a call as an exit code: 0 for success, 1 for a rejection, 2 for a throw. */
function judge(
  answer: WarmAnswer,
  name: string,
  waitedS: number,
  measured: (timeS: number) => ProcessOutcome['measurement'],
): ProcessOutcome {
  if ('threw' in answer) {
    const [first = ''] = answer.threw.split('\n')
    const details = { tail: answer.threw, return_code: 2, measurement: measured(waitedS) }
    return failedOutcome('PHASE_FAILED', `${name} threw: ${first}`, details)
  }
  const { timeS, isRejected, report } = answer
  const measurement = measured(timeS)
  const output = formatReport({ timeS, ...report })
  return isRejected
    ? failedOutcome('PHASE_FAILED', `${name} returned false`, { return_code: 1, measurement, output })
    : goodOutcome(output, measurement)
}

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
    ...nodeCommand({ ...module, socket: path }),
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
  let calls = 0
  const ask = (call: WarmCall) =>
    new Promise<WarmAnswer | undefined>((resolve) => {
      if (isClosed) return resolve(undefined)
      const id = ++calls
      pending.set(id, resolve)
      socket.write(`${JSON.stringify({ id, ...call })}\n`)
    })
  return { ...(await asLoaded(process, startMs, close)), ask }
}
