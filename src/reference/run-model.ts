import { readFileSync } from 'node:fs'
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { locateWasm } from './locate-wasm.ts'
import { decodeValues, encodeValues } from './values.ts'

/** Plain data, because it is sent to the process that runs the model. */
export interface ModelRun {
  /** Path of the ONNX file, or its bytes. */
  model: string | Uint8Array
  /** Files with weights: their names in the model, and their paths. */
  external: { location: string; path: string }[]
  /** Row-major values of every input; those of integer types may be bigints. */
  inputs: { name: string; shape: number[]; values: ArrayLike<number | bigint> }[]
  /** Whether to run twice, because the model has operators that draw random numbers. */
  repeat: boolean
}

export interface RunOutput {
  name: string
  shape: number[]
  values: Float64Array
}

/**
 * Runs a model in onnxruntime in this thread: nothing here limits time or memory.
 * @throws Error with onnxruntime's own message if it refuses the model
 */
export async function runModel({ model, external, inputs, repeat }: ModelRun): Promise<RunOutput[]> {
  loadRuntime()
  const session = await InferenceSession.create(typeof model === 'string' ? readFileSync(model) : model, {
    executionProviders: ['wasm'],
    // Every node as the standard defines it: fused nodes and changed layouts round differently from version to
    // version.
    graphOptimizationLevel: 'disabled',
    externalData: external.map(({ location, path }) => ({ path: location, data: readFileSync(path) })),
  })
  try {
    const feeds = Object.fromEntries(
      inputs.map(({ name, shape, values }) => [
        name,
        encodeValues(name, typeOfInput(session, name), shape, values),
      ]),
    )
    const run = async () => {
      const results = await session.run(feeds)
      return session.outputNames.map((name) => readOutput(name, results[name]))
    }
    const outputs = await run()
    if (repeat && !isSame(outputs, await run())) throw new Error('its output is random')
    return outputs
  } finally {
    await session.release()
  }
}

function loadRuntime(): void {
  // One thread: sums are added in a fixed order, and no thread outlives a run.
  env.wasm.numThreads = 1
  env.logLevel = 'fatal'
  env.wasm.wasmBinary ??= readFileSync(locateWasm())
}

function typeOfInput(session: InferenceSession, name: string): string {
  const metadata = session.inputMetadata.find((input) => input.name === name)
  if (metadata?.isTensor) return metadata.type
  throw new Error(`input ${name} is no tensor`)
}

function readOutput(name: string, tensor: unknown): RunOutput {
  if (!(tensor instanceof Tensor)) throw new Error(`output ${name} is no tensor`)
  return { name, shape: [...tensor.dims], values: decodeValues(name, tensor) }
}

function isSame(a: readonly RunOutput[], b: readonly RunOutput[]): boolean {
  return a.every(({ values }, output) =>
    values.every((value, index) => Object.is(value, b[output]!.values[index])),
  )
}
