import { fork, type ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { moduleUrl } from '../lib/own-package.ts'
import { listExternalFiles, locateExternal, refuseExternal } from '../model/external.ts'
import { readHeaders } from '../model/file.ts'
import { type OnnxModel, encodeModel } from '../model/onnx.ts'
import { fixInputs } from '../model/ports.ts'
import { describeModel } from '../model/summary.ts'
import { watchLimits } from '../process/outcome.ts'
import type { Refusal, Reply } from './process.ts'
import type { ModelRun, RunOutput } from './run-model.ts'

export interface ReferenceLimits {
  /** For one model, including the start of the process, seconds. */
  timeS: number
  /** What onnxruntime may allocate, including weights and outputs, MB (2^20 bytes). */
  memoryMb: number
}

const REFERENCE_LIMITS: ReferenceLimits = { timeS: 60, memoryMb: 2048 }

/** An ONNX file whose headers have been read. */
interface OpenModel {
  path: string
  headers: OnnxModel
}

/** An idle process that keeps more than this is ended: WebAssembly never returns memory. */
const MOST_IDLE_BYTES = 384 * 2 ** 20

/**
 * The float model, run by onnxruntime in a separate process. The process starts with the first model, serves one
 * after the other, is idle in between, and ends no later than the process that started it.
 */
export class Reference {
  readonly #limits: ReferenceLimits
  #process: ReferenceProcess | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(limits: Partial<ReferenceLimits> = {}) {
    this.#limits = { ...REFERENCE_LIMITS, ...limits }
  }

  /**
   * @param model an ONNX file, or a model with its external data loaded
   * @param inputs values for each input of the model, in its order
   * @returns all outputs in the model's order
   * @throws Error that says why there is no result: onnxruntime refuses the model, a limit, a crash
   * @throws ProvemarkError if the file cannot be read
   */
  infer(
    model: string | OpenModel | OnnxModel,
    inputs: readonly ArrayLike<number | bigint>[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<RunOutput[]> {
    const infer = async () => {
      signal?.throwIfAborted()
      return this.#run(prepareRun(model, inputs), signal)
    }
    const running = this.#last.then(infer, infer)
    this.#last = running.catch(() => {})
    return running
  }

  /** Pid of the process, if there is one. */
  get pid(): number | undefined {
    return this.#process?.alive ? this.#process.pid : undefined
  }

  /** Ends the process, and resolves when it is gone. */
  async close(): Promise<void> {
    await this.#process?.end()
    this.#process = undefined
  }

  async #run(run: ModelRun, signal: AbortSignal | undefined): Promise<RunOutput[]> {
    if (!this.#process?.alive) this.#process = new ReferenceProcess(this.#limits.memoryMb)
    const reply = await this.#process.run(run, this.#limits.timeS * 1000, signal)
    const isRefused = 'error' in reply
    if ((isRefused && reply.crashed) || reply.rss > MOST_IDLE_BYTES) await this.close()
    if (isRefused) throw new Error(explainRefusal(reply, this.#limits.memoryMb))
    return reply.outputs
  }
}

/** One per process: a sweep starts onnxruntime once. */
export const reference = new Reference()

const PAGES_PER_MB = 16
const STDERR_LENGTH = 2000

/** One process with onnxruntime. It does not keep our process alive and does not outlive it. */
class ReferenceProcess {
  readonly #child: ChildProcess
  readonly #gone: Promise<string>
  #stderr = ''

  /** @param memoryMb limit for WebAssembly, enforced by V8 */
  constructor(memoryMb: number) {
    this.#child = fork(fileURLToPath(moduleUrl('reference/process')), {
      execArgv: [`--wasm-max-mem-pages=${memoryMb * PAGES_PER_MB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A separate session: Ctrl+C goes to Vitest, which ends this process.
      detached: true,
    })
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_LENGTH)
    })
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('exit', (code, signal) =>
        resolve(`its process ended with ${signal ?? `exit code ${code}`} ${this.#stderr}`),
      )
    })
    this.#hold(false)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * @returns the reply of the process
   * @throws Error if it does not reply: at a limit, a crash or an abort it is ended
   */
  async run(run: ModelRun, timeoutMs: number, signal: AbortSignal | undefined): Promise<Reply> {
    let cause: string | undefined
    const end = (why: string) => {
      cause ??= why
      this.#child.kill('SIGKILL')
    }
    const stopWatching = watchLimits({ timeoutMs, signal }, (limit) =>
      end(limit === 'timeout' ? `onnxruntime took longer than ${timeoutMs / 1000} s` : 'it was cancelled'),
    )
    this.#hold(true)
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#child.once('message', resolve)
        void this.#gone.then((how) => reject(new Error(cause ?? `onnxruntime crashed: ${how}`)))
        this.#child.send(run, (error) => error && end(`onnxruntime was not reached: ${error.message}`))
      })
    } finally {
      stopWatching()
      this.#child.removeAllListeners('message')
      this.#hold(false)
    }
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    this.#hold(true)
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  /** Whether our own process waits for this one before it ends. */
  #hold(isNeeded: boolean): void {
    const method = isNeeded ? 'ref' : 'unref'
    this.#child[method]()
    this.#child.channel?.[method]()
    ;(this.#child.stderr as Socket)[method]()
  }
}

function prepareRun(
  model: string | OpenModel | OnnxModel,
  inputs: readonly ArrayLike<number | bigint>[],
): ModelRun {
  if (typeof model === 'string') return prepareRun({ path: model, headers: readHeaders(model).model }, inputs)
  const isFile = 'path' in model
  const headers = isFile ? model.headers : model
  const ports = fixInputs(headers)
  if (ports.length !== inputs.length)
    throw new Error(`${ports.length} inputs are expected, ${inputs.length} given`)
  return {
    model: isFile ? model.path : encodeModel(model),
    external: isFile ? listExternal(headers, model.path) : [],
    inputs: ports.map(({ name, shape }, index) => ({ name, shape, values: inputs[index]! })),
    repeat: Object.keys(describeModel(headers).operators).some((operator) => RANDOM.test(operator)),
  }
}

const RANDOM = /^(Random|Multinomial|Bernoulli|Dropout)/

const LONGEST_REASON = 300

/** One line of onnxruntime's message, without its own source paths. */
function explainRefusal({ error, crashed }: Refusal, memoryMb: number): string {
  if (/bad_alloc|out of memory|memory allocation|array buffer allocation/i.test(error))
    return `onnxruntime needs more than the ${memoryMb} MB that it may take`
  const reason = error
    .replace(/^[\s\S]*ERROR_MESSAGE: /, '')
    .replace(/^[\s\S]*\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    // Names from the model must not control the terminal.
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replace(/^\S+\.(?:cc|h):\d+ .*?\) /, '')
    .trim()
  const short = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason
  return `onnxruntime ${crashed ? 'crashed' : 'refuses the model'}: ${short}`
}

/** The limit of WebAssembly. */
const MOST_BYTES = 2 ** 31

/**
 * The external files with a model's values: their names in the model, and their paths.
 * @param model headers are enough
 * @param path of the model
 * @throws ProvemarkError MODEL_UNREADABLE
 */
function listExternal(model: OnnxModel, path: string): ModelRun['external'] {
  let left = MOST_BYTES
  return listExternalFiles(model).map((location) => {
    const target = locateExternal(location, path)
    const stats = statSync(target)
    if (!stats.isFile()) throw refuseExternal(`${path}: ${location} is not a regular file`)
    left -= stats.size
    if (left < 0) throw refuseExternal(`${path}: more than ${MOST_BYTES} bytes of external data`)
    return { location, path: target }
  })
}
