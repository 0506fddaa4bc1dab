import { addAll, getOrAdd } from './collections.ts'
import { eachFigure, type MetricName } from './metrics.ts'
import type { Row } from './schema.ts'

/** What arrives from another thread: the public fields of a value, without its methods. */
export type Cloned<Value> =
  Value extends Map<infer Key, infer Item>
    ? Map<Key, Cloned<Item>>
    : Value extends Set<unknown> | Float64Array
      ? Value
      : Value extends readonly (infer Item)[]
        ? readonly Cloned<Item>[]
        : Value extends object
          ? { [Key in keyof Value as Value[Key] extends Method ? never : Key]: Cloned<Value[Key]> }
          : Value

type Method = (...args: never[]) => unknown

const FIRST_BLOCK = 8
const LARGEST_BLOCK = 512

/** The data of samples, as it also arrives from another thread. */
interface SamplesData {
  readonly length: number
  readonly first: number
  readonly blocks: readonly Float64Array[]
}

/**
 * Numbers in the order in which they were added. While all are equal, as counters are, only their count is kept.
 * Otherwise they are stored in blocks outside V8's heap, eight bytes each: a growing array would be copied again and
 * again, and long-lived arrays make V8 enlarge its young generation.
 */
export class Samples implements SamplesData {
  length = 0
  first = 0
  readonly blocks: Float64Array[] = []
  /** Numbers in the last block. */
  #used = 0

  constructor(values: Iterable<number> = []) {
    for (const value of values) this.push(value)
  }

  /** Adds the numbers that come after these. */
  append(later: SamplesData): void {
    for (const value of listValues(later)) this.push(value)
  }

  push(value: number): void {
    if (this.length === 0) this.first = value
    const isNew = this.blocks.length === 0 && !Object.is(value, this.first)
    if (isNew) for (let i = 0; i < this.length; i++) this.#store(this.first)
    if (this.blocks.length > 0 || isNew) this.#store(value)
    this.length++
  }

  toArray(): number[] {
    return listValues(this)
  }

  /** Smallest and largest; NaN if there is no number. */
  get range(): Range {
    if (this.length === 0) return { min: NaN, max: NaN }
    const range = { min: this.first, max: this.first }
    if (this.blocks.length > 0) for (const value of listValues(this)) widen(range, value)
    return range
  }

  #store(value: number): void {
    const last = this.blocks.at(-1)
    if (last && this.#used < last.length) {
      last[this.#used++] = value
      return
    }
    const next = new Float64Array(Math.min(LARGEST_BLOCK, last ? 2 * last.length : FIRST_BLOCK))
    next[0] = value
    this.#used = 1
    this.blocks.push(next)
  }
}

export interface Range {
  min: number
  max: number
}

function widen(range: Range, value: number): void {
  if (value < range.min) range.min = value
  if (value > range.max) range.max = value
}

function listValues({ length, first, blocks }: SamplesData): number[] {
  if (blocks.length === 0) return Array<number>(length).fill(first)
  const values: number[] = []
  for (const block of blocks) for (const value of block) values.push(value)
  return values.slice(0, length)
}

/** By metric: the iterations of every number, and the different values of every digest. */
export interface Figures {
  numbers: Map<MetricName, Samples>
  digests: Map<MetricName, Set<string>>
}

/** Adds the figures of a row. */
export function addFigures({ numbers, digests }: Figures, row: Row): void {
  eachFigure(
    row,
    (name, value) => getOrAdd(numbers, name, startSamples).push(value),
    (name, value) => getOrAdd(digests, name, startSet).add(value),
  )
}

/** Merges in the figures of later rows. */
export function mergeFigures({ numbers, digests }: Figures, later: Cloned<Figures>): void {
  for (const [name, samples] of later.numbers) getOrAdd(numbers, name, startSamples).append(samples)
  for (const [name, values] of later.digests) addAll(getOrAdd(digests, name, startSet), values)
}

const startSamples = () => new Samples()
const startSet = () => new Set<string>()
