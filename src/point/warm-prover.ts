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
  endedBy,
  failedOutcome,
  load,
  measurementOf,
  sessionFields,
  watchEnding,
  type Ending,
  type Loaded,
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

interface Running extends Loaded {
  socket: Socket
  answers: AsyncIterator<WarmAnswer>
  close: () => Promise<void>
}

export interface Served {
  outcome: ProcessOutcome
  fields: SessionFields
}

/**
 * A Node process that has imported a prover's module and is called once for each iteration. After a crash or a timeout
 * the next call starts another one.
 */
export class WarmProver {
  #running: Running | undefined

  async call(
    module: WarmModule,
    call: WarmCall,
    { signal, timeoutS, cwd }: { signal: AbortSignal; timeoutS: number | undefined; cwd: string },
  ): Promise<Served> {
    const fields: SessionFields = { process: 'warm' }
    const name = `${call.phase} of ${module.name}`
    const watch = watchEnding(signal, timeoutS)
    try {
      const running = this.#running ?? (await start(module, cwd, watch.ending))
      if (running === 'timeout' || running === 'cancelled')
        return { outcome: endedBy(running, name, timeoutS), fields }
      if (!('socket' in running)) return { outcome: running, fields }
      this.#running = running
      running.meter.begin()
      const startMs = performance.now()
      running.socket.write(`${JSON.stringify(call)}\n`)
      const answer = await Promise.race([running.answers.next(), watch.ending])
      const reading = running.meter.end()
      const waitedS = (performance.now() - startMs) / 1000
      if (typeof answer === 'string') {
        await this.close()
        return { outcome: endedBy(answer, name, timeoutS), fields }
      }
      if (answer.done) {
        const outcome = await running.process.ended
        await this.close()
        return { outcome: { ...outcome, measurement: measurementOf(waitedS, reading) }, fields }
      }
      const measured = (timeS: number) => measurementOf(timeS, reading)
      return {
        outcome: judge(answer.value, name, waitedS, measured),
        fields: sessionFields('warm', running, reading),
      }
    } finally {
      watch.stop()
    }
  }

  async close(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.close()
  }
}

/** What one call is in terms of a process: 0 for success, 1 for a rejection, 2 for a throw. */
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
  if ('ready' in answer) throw new Error(`${name}: a warm prover answered out of turn`)
  const { timeS, isRejected, report } = answer
  const measurement = measured(timeS)
  const output = formatReport({ timeS, ...report })
  if (isRejected)
    return {
      ...failedOutcome('PHASE_FAILED', `${name} returned false`, { return_code: 1, measurement }),
      output,
    }
  const good = { status: 'ok', return_code: 0, signal: null, tail: '', error: null, warnings: [] } as const
  return { ...good, warnings: [], output, measurement }
}

/** The running process, or why there is none. */
async function start(
  { source, root, memoryLimitMb, cpus }: WarmModule,
  cwd: string,
  ending: Promise<Ending>,
): Promise<Running | ProcessOutcome | Ending> {
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
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
    ...(cpus === undefined ? {} : { cpus }),
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
  const answers = readAnswers(socket)
  await answers.next()
  return { ...load(process, (await process.started)!, startMs), socket, answers, close }
}

async function* readAnswers(socket: Socket): AsyncGenerator<WarmAnswer> {
  for await (const line of createInterface({ input: socket })) yield JSON.parse(line) as WarmAnswer
}
