import type { OnnxModel } from '../model/onnx.ts'
import { encodeModel } from '../model/onnx.ts'
import { readHeaders } from '../model/file.ts'
import { fixInputs } from '../model/ports.ts'
import { describeModel } from '../model/summary.ts'
import { explainRefusal } from './explain-refusal.ts'
import { listExternal } from './list-external.ts'
import { ReferenceProcess } from './reference-process.ts'
import type { ModelRun, RunOutput } from './run-model.ts'

export interface ReferenceLimits {
  /** For one model, the start of the process included, seconds. */
  timeS: number
  /** What onnxruntime may allocate, weights and outputs included, MB (2^20 bytes). */
  memoryMb: number
}

export const REFERENCE_LIMITS: ReferenceLimits = { timeS: 60, memoryMb: 2048 }

export interface InferOptions {
  signal?: AbortSignal
}

/** An idle process that keeps more than this is ended: WebAssembly never gives memory back. */
const MOST_IDLE_BYTES = 384 * 2 ** 20

/**
 * The float model, run by onnxruntime in a process of its own. The process starts with the first model, serves one
 * after the other, sleeps between them, and ends with the process that started it at the latest.
 */
export class Reference {
  readonly #limits: ReferenceLimits
  #process: ReferenceProcess | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(limits: Partial<ReferenceLimits> = {}) {
    this.#limits = { ...REFERENCE_LIMITS, ...limits }
  }

  /**
   * @param model path of an ONNX file, or a model that holds its external data
   * @param inputs values for each input of the model, in its order
   * @returns all outputs in the model's order
   * @throws Error that says why there is no result: what onnxruntime refuses, a limit, a crash; ProvemarkError where the
   *   file cannot be read
   */
  infer(
    model: string | OnnxModel,
    inputs: readonly ArrayLike<number | bigint>[],
    { signal }: InferOptions = {},
  ): Promise<RunOutput[]> {
    const infer = async () => {
      signal?.throwIfAborted()
      return this.#run(prepareRun(model, inputs), signal)
    }
    const running = this.#last.then(infer, infer)
    this.#last = running.catch(() => {})
    return running
  }

  /** Of the process, while there is one. */
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

/** The one of this process: a sweep starts onnxruntime once. */
export const reference = new Reference()

function prepareRun(model: string | OnnxModel, inputs: readonly ArrayLike<number | bigint>[]): ModelRun {
  const isPath = typeof model === 'string'
  const headers = isPath ? readHeaders(model).model : model
  const ports = fixInputs(headers)
  if (ports.length !== inputs.length)
    throw new Error(`${ports.length} inputs are expected, ${inputs.length} given`)
  return {
    model: isPath ? model : encodeModel(model),
    external: isPath ? listExternal(headers, model) : [],
    inputs: ports.map(({ name, shape }, index) => ({ name, shape, values: inputs[index]! })),
    repeat: Object.keys(describeModel(headers).operators).some((operator) => RANDOM.test(operator)),
  }
}

const RANDOM = /^(Random|Multinomial|Bernoulli|Dropout)/
