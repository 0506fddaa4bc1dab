import { makeRandom, type Random } from './random.ts'
import { ProvemarkError } from '../errors.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { printableName } from '../lib/text.ts'
import { elementType, elementTypeNamed, holdsSingles } from './element-type.ts'
import { listNodes, listGraphs, nameOperator, readInt } from './graphs.ts'
import { DATA_TYPE, type OnnxModel, type OnnxNode } from './onnx.ts'
import { sizeOf, type Port, type PortValues, type Values } from './ports.ts'
import { inferShapes } from './shapes.ts'
import type { Dims } from './sides.ts'

export type Distribution = 'uniform' | 'normal' | 'zero'

export interface InputOptions {
  seed: number
  /**
   * Default `uniform`. `normal` has its mean in the middle of the range and its ends three standard deviations away.
   */
  distribution?: Distribution | undefined
  /** Values lie in [low, high); default [-1, 1). */
  range?: readonly [low: number, high: number] | undefined
  /** By name of an input, the number of rows of the table that its values index (`findIndexLimits`). */
  indexLimits?: ReadonlyMap<string, number> | undefined
  /** Index of the input in its model, from 0: each input gets different numbers. */
  index?: number | undefined
  /** Number of the draw, from 0: each has different numbers. */
  draw?: number | undefined
}

// Stream 0 of a seed makes weights: inputs that repeat them would depend on the model.
const FIRST_INPUT_STREAM = 1

/**
 * Values for an input of a shape: the same for the same seed on every machine.
 * @throws ProvemarkError CONFIG_INVALID for an empty range, or for zeros in a range without 0
 */
export function generateInput(shape: readonly number[], options: InputOptions): Float32Array {
  const { distribution = 'uniform', range: [low, high] = [-1, 1] } = options
  if (!(low < high) || (distribution === 'zero' && (low > 0 || high <= 0))) {
    throw new ProvemarkError('CONFIG_INVALID', `no ${distribution} input lies in the range ${low},${high}`, {
      hint: 'give the lower bound first; for zeros, a range that contains 0',
    })
  }
  const values = new Float32Array(sizeOf(shape))
  if (distribution === 'zero') return values
  const draw = makeDraw(options)
  const middle = (low + high) / 2
  return values.map(() => drawBelow(high, () => middle + (draw() * (high - low)) / 2))
}

/** Draws numbers in [-1, 1). */
function makeDraw({ seed, distribution, index = 0 }: InputOptions): () => number {
  const random = makeRandom(seed, FIRST_INPUT_STREAM + index)
  return distribution === 'normal' ? () => drawNormal(random) : random.nextUniform
}

// Rounding to float32 can turn a value just below the upper end into that end.
function drawBelow(high: number, draw: () => number): number {
  for (;;) {
    const value = Math.fround(draw())
    if (value < high) return value
  }
}

const SUMMANDS = 12
const DEVIATIONS = 3

/**
 * The sum of twelve uniform numbers (Irwin-Hall), in [-1, 1), standard deviation 1/3: close to normal, and without
 * the logarithms that differ between machines.
 */
function drawNormal(random: Random): number {
  for (;;) {
    let sum = 0
    for (let summand = 0; summand < SUMMANDS; summand++) sum += random.nextUniform()
    // Each summand is in [-1, 1) with variance 1/3, so the sum has standard deviation 2.
    const value = sum / 2 / DEVIATIONS
    if (value >= -1 && value < 1) return value
  }
}

/**
 * Values for every input of a model, with different numbers for each. Integers are 0 or 1, or index any row of the
 * table that they look up; booleans are 0 or 1.
 * @throws ProvemarkError INPUT_INVALID if values of the input's type cannot be generated
 */
export function generateInputs(ports: readonly Port[], options: InputOptions): PortValues[] {
  const first = (options.draw ?? 0) * ports.length
  return ports.map((port, at) => ({
    ...port,
    values: generateValues(port, { ...options, index: first + at }),
  }))
}

function generateValues(port: Port, options: InputOptions): Values {
  const { kind, range } = elementTypeNamed(port.type)
  if (kind === 'integer' || kind === 'boolean') {
    const limit = Math.min(options.indexLimits?.get(port.name) ?? 2, range![1] + 1)
    return generateIntegers(port.shape, limit, options)
  }
  if (kind !== 'float' || range![0] > 0) {
    const name = printableName(port.name)
    throw new ProvemarkError(
      'INPUT_INVALID',
      `input ${name} is of type ${port.type}, for which no values can be generated`,
      { hint: 'pass a file of values: --input FILE' },
    )
  }
  const values = generateInput(port.shape, options)
  return holdsSingles(port.type) ? values : Float64Array.from(values)
}

function generateIntegers(shape: readonly number[], limit: number, options: InputOptions): Float64Array {
  const values = new Float64Array(sizeOf(shape))
  if (options.distribution === 'zero') return values
  const draw = makeDraw(options)
  return values.map(() => Math.floor(((draw() + 1) / 2) * limit))
}

/**
 * Writes values as JSON: `{"input":[…]}`, or for several inputs one list per name.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function writeInput(path: string, values: Values | readonly number[] | readonly PortValues[]): void {
  writeWhole(path, formatInput(values))
}

/** The text that `writeInput` writes. */
export function formatInput(values: Values | readonly number[] | readonly PortValues[]): string {
  const [first] = values
  if (typeof first !== 'object') return `{"input":${formatList(values as Float32Array)}}\n`
  const ports = values as readonly PortValues[]
  if (ports.length === 1) return `{"input":${formatList(first.values)}}\n`
  return `{${ports.map((port) => `${JSON.stringify(port.name)}:${formatList(port.values)}`).join(',')}}\n`
}

// Nine digits distinguish every float32 from its neighbours; more would only make the file longer.
const FLOAT32_DIGITS = 9

function formatList(values: ArrayLike<number>): string {
  if (values instanceof Float64Array) return `[${values.join(',')}]`
  return `[${Array.from(values, (value) => Number(value.toPrecision(FLOAT32_DIGITS))).join(',')}]`
}

/** Operators that look values up. */
const LOOKUPS = new Set(['Gather', 'GatherElements', 'GatherND', 'ScatterElements', 'ScatterND'])
/** The input of theirs that holds the indices. */
const INDICES = 1

/**
 * By input of a model, the number of rows of the smallest table that its values index: they must be below it. An
 * input that indexes nothing is absent; if a table's size is not known, its limit is 1.
 */
export function findIndexLimits(model: OnnxModel, dims?: Dims): Map<string, number> {
  const readers = Map.groupBy(
    listNodes(model).flatMap((node) => node.input.map((name, at) => ({ node, at, name }))),
    ({ name }) => name,
  )
  const shapes = inferShapes(model, dims)
  for (const { initializer } of listGraphs(model))
    for (const { name = '', dims: sides } of initializer) shapes.set(name, sides)
  const limits = new Map<string, number>()
  for (const { name = '' } of model.graph?.input ?? []) {
    const limit = smallestTable(name, readers, shapes)
    if (limit !== undefined) limits.set(name, limit)
  }
  return limits
}

/** Follows a value through the nodes that pass it on, to every node that uses it as an index. */
function smallestTable(
  start: string,
  readers: ReadonlyMap<string, readonly { node: OnnxNode; at: number }[]>,
  shapes: ReadonlyMap<string, readonly number[]>,
): number | undefined {
  const seen = new Set([start])
  let limit: number | undefined
  for (const name of seen) {
    for (const { node, at } of readers.get(name) ?? []) {
      if (at === INDICES && LOOKUPS.has(nameOperator(node)))
        limit = Math.min(limit ?? Infinity, rowsOf(node, shapes.get(node.input[0] ?? '')))
      else if (!makesFloats(node)) for (const output of node.output) seen.add(output)
    }
  }
  return limit
}

function rowsOf(node: OnnxNode, table: readonly number[] | undefined): number {
  if (!table?.length) return 1
  if (node.op_type === 'GatherND' || node.op_type === 'ScatterND') return Math.max(1, Math.min(...table))
  return Math.max(1, table.at(readInt(node, 'axis', 0)) ?? 1)
}

/** Floats index nothing. */
function makesFloats(node: OnnxNode): boolean {
  return nameOperator(node) === 'Cast' && elementType(readInt(node, 'to', DATA_TYPE.FLOAT)).kind === 'float'
}
