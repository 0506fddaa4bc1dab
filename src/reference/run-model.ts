import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Float16Array } from '@petamoriken/float16'
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { isSource, packageRoot } from '../lib/own-package.ts'

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
  /** Row-major, of any numeric type. */
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
  throw new Error(`input ${name} is not a tensor`)
}

function readOutput(name: string, tensor: unknown): RunOutput {
  if (!(tensor instanceof Tensor)) throw new Error(`output ${name} is not a tensor`)
  return { name, shape: [...tensor.dims], values: decodeValues(name, tensor) }
}

function isSame(a: readonly RunOutput[], b: readonly RunOutput[]): boolean {
  return a.every(({ values }, output) =>
    values.every((value, index) => Object.is(value, b[output]!.values[index])),
  )
}

export const WASM_FILE = 'ort-wasm-simd-threaded.wasm'

/**
 * The WebAssembly build of onnxruntime. The package contains a copy of the one file that is needed: onnxruntime-web
 * has 139 MB, and a dependency with an install script.
 */
export function locateWasm(): string {
  return isSource
    ? fileURLToPath(import.meta.resolve(`onnxruntime-web/${WASM_FILE}`))
    : join(packageRoot(), 'dist/reference', WASM_FILE)
}

type NumberArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array

const INTEGERS: Readonly<Record<string, new (values: ArrayLike<number>) => NumberArray>> = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
}

/**
 * A tensor of the type that an input of the model has.
 * @throws Error if a value is not of that type
 */
function encodeValues(
  name: string,
  type: string,
  shape: readonly number[],
  values: ArrayLike<number | bigint>,
): Tensor {
  const numbers = () => Array.from(values, Number)
  if (type === 'float32') return new Tensor(type, Float32Array.from(numbers()), shape)
  if (type === 'float64') return new Tensor(type, Float64Array.from(numbers()), shape)
  // As bits: Node 22 has no Float16Array, and onnxruntime accepts these everywhere.
  if (type === 'float16') return new Tensor(type, new Uint16Array(Float16Array.from(numbers()).buffer), shape)
  const integers = Array.from(values, (value) => toInteger(value, name, type))
  if (type === 'int64') return new Tensor(type, BigInt64Array.from(integers), shape)
  if (type === 'uint64') return new Tensor(type, BigUint64Array.from(integers), shape)
  const NumberArray = INTEGERS[type]
  if (!NumberArray) throw new Error(`input ${name} has the type ${type}, which cannot be given as numbers`)
  const data = new NumberArray(integers.map(Number))
  const wrong = data.findIndex((value, index) => BigInt(value) !== integers[index])
  if (wrong >= 0) throw new Error(`input ${name} is ${type}, and value ${wrong} is ${integers[wrong]}`)
  return new Tensor(type as 'int32', data as Int32Array, shape)
}

function toInteger(value: number | bigint, name: string, type: string): bigint {
  if (typeof value === 'number' && !Number.isInteger(value))
    throw new Error(`input ${name} is ${type}, and ${value} is not an integer`)
  return BigInt(value)
}

/**
 * Values of any numeric type as numbers; integers are exact up to 2^53.
 * @throws Error for strings
 */
function decodeValues(name: string, { type, data }: Tensor): Float64Array {
  if (type === 'string') throw new Error(`output ${name} has strings, not numbers`)
  if (type === 'float16') {
    const { buffer, byteOffset, length } = data as Uint16Array
    return Float64Array.from(new Float16Array(buffer, byteOffset, length))
  }
  return Float64Array.from(data as ArrayLike<number>, Number)
}
