import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { LongProcess, type Log } from '../process/long-process.ts'
import type { ProcessOutcome } from '../process/run-process.ts'
import type { TreeReading } from '../process/tree-meter.ts'
import type { HttpRequest, PhaseContext, RequestPhase, Service } from '../prover/contract.ts'
import { plainLines } from '../prover/counters.ts'
import type { Measurement } from '../row/schema.ts'
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

/** Services listen on the loopback interface; requests go nowhere else. */
const HOST = '127.0.0.1'
/** Default time limit until a service is ready, s. */
const READY_S = 60
const POLL_MS = 20
/** How long a service may take to print why it broke a connection, and to end after a request to stop, ms. */
const GRACE_MS = 1000

interface Running extends Loaded {
  service: Service
  port: number
  /** Paths that it read when it started: other paths need a new service. */
  files: string
}

interface AskedPhase extends ServedPhase {
  service: Service
  /** Lines of its log that are read for figures. */
  keepLines: readonly RegExp[]
  /** Absent for a client, whose command `runClient` runs. */
  request?: RequestPhase['request']
  runClient: (context: PhaseContext) => Promise<Pick<Required<Served>, 'outcome' | 'cmd'>>
}

/** The service of a prover for one point: started when it is first needed, asked once for each iteration. */
export class ServiceProver extends CurrentProcess<Running> {
  serve(asked: AskedPhase): Promise<Served> {
    return this.serveBy(
      'service',
      asked,
      // `readyS` limits how long it may take to load.
      undefined,
      (ending) => this.#ensure(asked, ending),
      (running, ending) => {
        running.process.takeLog()
        return ask(running, asked, ending)
      },
      async (result, reading, running) => {
        const { outcome } = result
        // With several requests at once, it is not known to which one a line of the log belongs.
        const log = asked.isConcurrent ? undefined : await takeLastLog(running.process, asked.keepLines)
        // After a timeout it may still be working on the request.
        const isUseless = ['timeout', 'cancelled'].includes(outcome.status)
        if (isUseless || outcome.error?.code === 'SERVICE_FAILED') running.isSpent = true
        return {
          ...result,
          outcome: {
            ...outcome,
            output: log ? `${outcome.output}\n${log.text}` : outcome.output,
            warnings: [...outcome.warnings, ...(log?.warnings ?? [])],
            measurement: addService(outcome, reading),
          },
        }
      },
    )
  }

  /** Lets it shut down by itself first. */
  override async close(): Promise<void> {
    const { process, port = 0, service } = this.running ?? {}
    if (process && service?.stop && !process.outcome) {
      await send(port, { method: 'POST', path: service.stop }, '').catch(() => {})
      await Promise.race([process.ended, sleep(GRACE_MS, undefined, { ref: false })])
    }
    await super.close()
  }

  async #ensure(
    { prover, phase, service, memoryLimitMb, keepLines, context, dir }: AskedPhase,
    ending: Promise<Ending>,
  ): Promise<Opened<Running>> {
    const files = JSON.stringify((service.reads ?? []).map((name) => context.files[name]))
    const known = this.running
    if (known?.files === files) {
      if (!known.process.outcome) return known
      await this.leave(known)
      return blame(`${phase} of ${prover}`, known.process)
    }
    await this.close()
    const port = await findPort()
    const command = service.start({ ...context, port })
    const startMs = performance.now()
    const process = new LongProcess({
      ...command,
      cwd: dir,
      memoryLimitMb,
      cpus: context.settings.cpus,
      keepLines: [...keepLines, service.ready].filter((own) => own instanceof RegExp),
    })
    const pid = await process.started
    const notReady = pid === undefined ? 'it did not start' : await waitReady(process, port, service, ending)
    if (notReady === undefined) return { ...(await asLoaded(process, startMs)), service, port, files }
    await process.stop()
    if (notReady === 'timeout' || notReady === 'cancelled') return notReady
    const { error, tail } = process.outcome!
    const why =
      process.outcome!.status === 'cancelled'
        ? notReady
        : `${notReady}: ${error?.message ?? 'it ended with exit code 0, and has to stay in the foreground'}`
    return failedOutcome('SERVICE_FAILED', `the service ${command.file} of ${prover}: ${why}`, { tail })
  }
}

/** How long output of a service may take to arrive after its response, ms. */
const LOG_MS = 50

/** Waits for a line that is searched for figures or, if no patterns are known, for any line. */
async function takeLastLog(process: LongProcess, keepLines: readonly RegExp[]): Promise<Log> {
  const startMs = performance.now()
  const log: Log = { text: '', warnings: [] }
  const isThere = () =>
    keepLines.length
      ? plainLines(log.text).some((line) => keepLines.some((own) => line.search(own) >= 0))
      : log.text !== ''
  while (true) {
    const taken = process.takeLog()
    log.text += taken.text
    log.warnings.push(...taken.warnings)
    if (isThere() || process.outcome || performance.now() - startMs > LOG_MS) return log
    await sleep(5)
  }
}

/** A port that nothing listens on. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Undefined once it is ready, otherwise why it is not. */
async function waitReady(
  process: LongProcess,
  port: number,
  { ready, readyS = READY_S }: Service,
  ending: Promise<Ending>,
): Promise<string | undefined> {
  let over: Ending | undefined
  void ending.then((how) => (over = how))
  let unread = ''
  const startMs = performance.now()
  while (performance.now() - startMs < readyS * 1000) {
    if (over) return over
    if (process.outcome) return 'it ended before it was ready'
    if (ready instanceof RegExp) {
      const lines = plainLines(unread + process.takeLog().text)
      if (lines.some((line) => line.search(ready) >= 0)) return undefined
      unread = lines.at(-1)!
    } else if (await (ready === undefined ? acceptsConnections(port) : answersWell(port, ready)))
      return undefined
    await Promise.race([sleep(POLL_MS), process.ended])
  }
  const sign =
    ready instanceof RegExp
      ? `printed no line like ${String(ready)}`
      : `answered nothing good on ${HOST}:${port}${ready ?? ''}`
  return `it was not ready within ${readyS} s: it ${sign}`
}

async function acceptsConnections(port: number): Promise<boolean> {
  const socket = connect(port, HOST)
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isOpen
}

async function answersWell(port: number, path: string): Promise<boolean> {
  const answer = await send(port, { method: 'GET', path }, '').catch(() => undefined)
  return answer !== undefined && isGood(answer.status)
}

const isGood = (status: number) => status >= 200 && status < 300
const isRefusal = (status: number) => status >= 400 && status < 500

interface Answer {
  status: number
  body: Buffer
}

/** It has no time limit of its own: a proof may take hours. */
async function send(
  port: number,
  { method = 'POST', path, headers = {} }: HttpRequest,
  body: string | Buffer,
  signal?: AbortSignal,
): Promise<Answer> {
  const own = { 'content-length': String(Buffer.byteLength(body)), ...headers }
  const sent = httpRequest({ host: HOST, port, method, path, agent: false, headers: own, signal })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  sent.end(body)
  const [response] = await answered
  return { status: response.statusCode ?? 0, body: Buffer.concat(await Array.fromAsync(response)) }
}

async function ask(
  { process, port }: Running,
  { prover, phase, request, runClient, timeoutS, ...asked }: AskedPhase,
  ending: Promise<Ending>,
): Promise<Omit<Served, 'fields'>> {
  const name = `${phase} of ${prover}`
  const context = { ...asked.context, port }
  if (!request) {
    const { outcome, cmd } = await runClient(context)
    return { outcome: process.outcome && outcome.status === 'ok' ? blame(name, process) : outcome, cmd }
  }
  const wanted = request(context)
  const { method = 'POST', path, body = '', save } = wanted
  const cmd = [method, `http://${HOST}:${port}${path}`]
  const abort = new AbortController()
  const text = typeof body === 'string' ? body : await readFile(body.file)
  const startMs = performance.now()
  const measured = () => ({ time_s: (performance.now() - startMs) / 1000, mem_mb: null })
  const answer = await Promise.race([
    send(port, wanted, text, abort.signal).catch((error: unknown) => error as Error),
    ending,
  ])
  const measurement = measured()
  if (typeof answer === 'string') {
    abort.abort()
    return { outcome: { ...endedBy(answer, name, timeoutS), measurement }, cmd }
  }
  if (answer instanceof Error) {
    // A service that dies breaks the connection first.
    await Promise.race([process.ended, sleep(GRACE_MS)])
    return { outcome: { ...blame(name, process, answer), measurement }, cmd }
  }
  if (save && isGood(answer.status) && answer.body.length) await writeFile(context.files[save]!, answer.body)
  return { outcome: judge(answer, wanted, name, measurement), cmd }
}

/** Why a service did not respond. */
function blame(name: string, process: LongProcess, error?: Error): ProcessOutcome {
  const { outcome } = process
  if (!outcome) return failedOutcome('SERVICE_FAILED', `${name}: the service broke off: ${error?.message}`)
  const how = outcome.error?.message ?? 'it ended with exit code 0'
  const status = outcome.status === 'out_of_memory' ? outcome.status : 'failed'
  const { tail, signal } = outcome
  return failedOutcome('SERVICE_FAILED', `${name}: the service ended: ${how}`, { tail, signal, status })
}

/** How much of a response an error shows. */
const SHOWN = 500

/** A response as an exit code: 0 for success, 1 for a rejection, 2 for no verdict. */
function judge(
  { status, body }: Answer,
  { accepts }: HttpRequest,
  name: string,
  measurement: Measurement,
): ProcessOutcome {
  const output = isText(body) ? body.toString() : ''
  const accepted = isGood(status) && isAccepted(accepts, output)
  const fail = (what: string, known: { return_code: number; output?: string }) =>
    failedOutcome('PHASE_FAILED', `${name}: ${what}`, { tail: output.slice(-SHOWN), measurement, ...known })
  if (accepted instanceof Error)
    return fail(`\`accepts\` threw on the answer: ${accepted.message}`, { return_code: 2 })
  if (accepted) return goodOutcome(output, measurement)
  const what = isGood(status) ? 'answered that it does not accept it' : `answered ${status}`
  const return_code = isGood(status) || isRefusal(status) ? 1 : 2
  return fail(`the service ${what}`, { return_code, output })
}

function isAccepted(accepts: HttpRequest['accepts'], text: string): boolean | Error {
  if (accepts === undefined) return true
  if (accepts instanceof RegExp) return text.search(accepts) >= 0
  try {
    return Boolean(accepts(text))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Proofs are often binary; only text is searched for figures. */
function isText(body: Buffer): boolean {
  return body.length < 2 ** 20 && !body.includes(0)
}

/** The figures of a client and those of the service during the same time, combined. */
function addService({ measurement }: ProcessOutcome, reading: TreeReading): Measurement {
  const { cpu_user_s, cpu_sys_s, mem_mb, ...service } = measurementOf(measurement.time_s ?? 0, reading)
  const add = (a: number | null | undefined, b: number | null | undefined) =>
    b == null ? null : b + (a ?? 0)
  return {
    ...service,
    time_s: measurement.time_s ?? null,
    cpu_user_s: add(measurement.cpu_user_s, cpu_user_s),
    cpu_sys_s: add(measurement.cpu_sys_s, cpu_sys_s),
    mem_mb: add(measurement.mem_mb, mem_mb),
  }
}
