import { extent } from 'simple-statistics'
import { addAll, getOrAdd, startSet } from './collections.ts'
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

/** The data of samples, as it also arrives from another thread. */
interface SamplesData {
  readonly length: number
  readonly first: number
  readonly varied: Float64Array
}

const LEAST_ROOM = 8

/**
 * Numbers in the order in which they were added. While all are equal, as counters are, only their count is kept.
 * Otherwise they are stored outside V8's heap, eight bytes each: long-lived arrays make V8 enlarge its young generation.
 */
export class Samples implements SamplesData {
  length = 0
  first = 0
  /** All numbers, and room for more; empty while they are equal. */
  varied = new Float64Array()

  constructor(values: Iterable<number> = []) {
    for (const value of values) this.push(value)
  }

  /** Adds the numbers that come after these. */
  append(later: SamplesData): void {
    for (const value of listValues(later)) this.push(value)
  }

  push(value: number): void {
    if (this.length === 0) this.first = value
    if (this.varied.length > 0 || !Object.is(value, this.first)) this.#store(value)
    this.length++
  }

  toArray(): number[] {
    return [...listValues(this)]
  }

  /** Smallest and largest; NaN if there is no number. */
  get range(): Range {
    if (this.length === 0) return { min: NaN, max: NaN }
    const [min, max] = extent(this.varied.length ? this.toArray() : [this.first])
    return { min, max }
  }

  #store(value: number): void {
    if (this.length >= this.varied.length) {
      const larger = new Float64Array(Math.max(LEAST_ROOM, 2 * this.length)).fill(this.first)
      larger.set(this.varied)
      this.varied = larger
    }
    this.varied[this.length] = value
  }
}

function listValues({ length, first, varied }: SamplesData): ArrayLike<number> & Iterable<number> {
  return varied.length ? varied.subarray(0, length) : Array<number>(length).fill(first)
}

export interface Range {
  min: number
  max: number
}

/** By metric: every number in order of iterations, and the different values of every digest. */
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
