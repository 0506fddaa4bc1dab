import { makeRandom, type Random } from './random.ts'
import { ProvemarkError } from '../errors.ts'
import { writeWhole } from './write.ts'
import type { Port } from './ports.ts'
import { sizeOf } from './shape.ts'

export { readInput } from './read-input.ts'

/** Values of one input or output, row-major. */
export interface PortValues extends Port {
  values: Float32Array
}

export type Distribution = 'uniform' | 'normal' | 'zero'

export interface InputOptions {
  seed: number
  /** Default `uniform`. `normal` has its mean in the middle of the range and its ends three deviations away. */
  distribution?: Distribution | undefined
  /** Values lie in [low, high); default [-1, 1). */
  range?: readonly [low: number, high: number] | undefined
  /** Which input of its model it is, from 0: each has numbers of its own. */
  index?: number | undefined
}

// Stream 0 of a seed makes weights: inputs that repeat them would not be independent of the model.
const FIRST_INPUT_STREAM = 1

/**
 * Values for an input of a shape: the same for the same seed on every machine.
 * @throws ProvemarkError CONFIG_INVALID for an empty range, or for zeros in a range without 0
 */
export function generateInput(
  shape: readonly number[],
  { seed, distribution = 'uniform', range: [low, high] = [-1, 1], index: port = 0 }: InputOptions,
): Float32Array {
  if (!(low < high) || (distribution === 'zero' && (low > 0 || high <= 0))) {
    throw new ProvemarkError('CONFIG_INVALID', `no ${distribution} input lies in the range ${low},${high}`, {
      hint: 'give the lower end first; for zeros, a range that holds 0',
    })
  }
  const count = sizeOf(shape)
  const values = new Float32Array(count)
  if (distribution === 'zero') return values
  const random = makeRandom(seed, FIRST_INPUT_STREAM + port)
  const draw = distribution === 'normal' ? drawNormal : drawUniform
  const middle = (low + high) / 2
  for (let index = 0; index < count; index++)
    values[index] = drawBelow(high, () => middle + (draw(random) * (high - low)) / 2)
  return values
}

// Rounding to float32 can lift a value just below the upper end onto it.
function drawBelow(high: number, draw: () => number): number {
  for (;;) {
    const value = Math.fround(draw())
    if (value < high) return value
  }
}

function drawUniform(random: Random): number {
  return random.nextUniform()
}

const SUMMANDS = 12
const DEVIATIONS = 3

/**
 * The sum of twelve uniform numbers (Irwin-Hall), in [-1, 1), deviation 1/3: close to normal, and without the
 * logarithms that differ between machines.
 */
function drawNormal(random: Random): number {
  for (;;) {
    let sum = 0
    for (let summand = 0; summand < SUMMANDS; summand++) sum += random.nextUniform()
    // Each summand lies in [-1, 1) and has variance 1/3, the sum deviation 2.
    const value = sum / 2 / DEVIATIONS
    if (value >= -1 && value < 1) return value
  }
}

/** Values for every input of a model, each from numbers of its own. */
export function generateInputs(ports: readonly Port[], options: InputOptions): PortValues[] {
  return ports.map((port, index) => ({
    ...port,
    values: generateInput(port.shape, { ...options, index }),
  }))
}

/**
 * Writes values as JSON: `{"input":[…]}`, or for several inputs one list each under its name.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function writeInput(
  path: string,
  values: Float32Array | readonly number[] | readonly PortValues[],
): void {
  writeWhole(path, formatInput(values))
}

/** The text that `writeInput` writes. */
export function formatInput(values: Float32Array | readonly number[] | readonly PortValues[]): string {
  const [first] = values
  if (typeof first !== 'object') return `{"input":${formatList(values as Float32Array)}}\n`
  const ports = values as readonly PortValues[]
  if (ports.length === 1) return `{"input":${formatList(first.values)}}\n`
  return `{${ports.map((port) => `${JSON.stringify(port.name)}:${formatList(port.values)}`).join(',')}}\n`
}

// Nine digits tell every float32 from its neighbours; more would only make the file longer.
const FLOAT32_DIGITS = 9

function formatList(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => Number(value.toPrecision(FLOAT32_DIGITS))).join(',')}]`
}
