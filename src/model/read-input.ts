import { readFileSync } from 'node:fs'
import { decodeText, printableName } from '../lib/text.ts'
import { ProvemarkError } from '../errors.ts'
import { elementTypeNamed, holdsSingles } from './element-type.ts'
import { withRegularFile } from './regular-file.ts'
import { isNpy, parseNpy } from './npy.ts'
import { sizeOf, type Port, type PortValues, type Values } from './ports.ts'

/**
 * Reads the input file of a model: JSON (`{"input":[…]}`, `{"input_data":[…]}`, a bare list, or an object with a list
 * for each input by name; lists flat or nested) or, for a model with one input, a NumPy `.npy` file.
 * @param ports the model's inputs (`fixInputs`)
 * @returns values in the order of `ports`
 * @throws ProvemarkError INPUT_INVALID with what was expected and what was given
 */
export function readInput(path: string, ports: readonly Port[]): PortValues[] {
  const bytes = readBounded(path, ports)
  const isArray = path.endsWith('.npy') || isNpy(bytes)
  const lists = isArray ? [parseNpy(bytes, path)] : readJson(bytes, path, ports)
  if (lists.length !== ports.length) {
    throw invalid(
      path,
      `${ports.length} inputs (${describePorts(ports)}) are expected, ${lists.length} given`,
    )
  }
  return ports.map((port, index) => ({ ...port, values: checkValues(port, lists[index]!, path) }))
}

/**
 * Values in row-major order, all inputs of a model concatenated, as returned by `readInput`.
 * @throws ProvemarkError INPUT_INVALID
 */
export function splitValues(values: readonly number[], ports: readonly Port[], source: string): PortValues[] {
  const lists = asLists([...values], ports) as number[][]
  if (lists.length === ports.length && lists.every(Array.isArray))
    return ports.map((port, index) => ({ ...port, values: checkValues(port, lists[index]!, source) }))
  const expected = ports.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  throw invalid(source, `${expected} values for ${describePorts(ports)} are expected, ${values.length} given`)
}

// A number takes up to 25 characters; the rest is for brackets, indentation and keys.
const MOST_BYTES_PER_VALUE = 256
const SPARE_BYTES = 1024 * 1024

function readBounded(path: string, ports: readonly Port[]): Buffer {
  const count = ports.reduce((sum, port) => sum + sizeOf(port.shape), 0)
  const limit = count * MOST_BYTES_PER_VALUE + SPARE_BYTES
  const refuse = (what: string, options: InvalidOptions = {}) =>
    invalid(path, options.cause && !options.hint ? `it cannot be read: ${what}` : what, options)
  return withRegularFile(path, refuse, (fd, bytes) => {
    if (bytes <= limit) return readFileSync(fd)
    throw invalid(path, `${count} values are expected, and it has ${bytes} bytes`)
  })
}

function readJson(bytes: Buffer, path: string, ports: readonly Port[]): ArrayLike<number>[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(decodeText(bytes))
  } catch (error) {
    throw invalid(path, `it is not valid JSON: ${(error as Error).message}`, { cause: error })
  }
  return findLists(parsed, path, ports).map((list, index) => flatten(list, ports[index], path))
}

function findLists(parsed: unknown, path: string, ports: readonly Port[]): unknown[] {
  if (Array.isArray(parsed)) return asLists(parsed, ports)
  if (typeof parsed === 'object' && parsed !== null) {
    const fields = new Map(Object.entries(parsed))
    if (ports.every(({ name }) => fields.has(name))) return ports.map(({ name }) => fields.get(name))
    for (const key of ['input', 'input_data']) {
      const value = fields.get(key)
      if (Array.isArray(value)) return asLists(value, ports)
    }
  }
  throw invalid(path, `a list under 'input' or under each input's name (${describePorts(ports)}) is expected`)
}

/** One list per input: a flat list contains the values of all inputs, concatenated. */
function asLists(list: unknown[], ports: readonly Port[]): unknown[] {
  if (ports.length === 1) return [list]
  const sizes = ports.map(({ shape }) => sizeOf(shape))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (list.length !== total || list.some(Array.isArray)) return list
  let start = 0
  return sizes.map((size) => list.slice(start, (start += size)))
}

const DEEPEST_LIST = 32

function flatten(list: unknown, port: Port | undefined, path: string): number[] {
  const values: number[] = []
  const takesBooleans = elementTypeNamed(port?.type).kind === 'boolean'
  const visit = (item: unknown, depth: number): void => {
    if (depth > DEEPEST_LIST) throw invalid(path, `its lists are nested more than ${DEEPEST_LIST} deep`)
    if (Array.isArray(item)) for (const inner of item) visit(inner, depth + 1)
    else if (typeof item === 'number') values.push(item)
    else if (typeof item === 'boolean' && takesBooleans) values.push(Number(item))
    else throw invalid(path, `numbers are expected, ${JSON.stringify(item)?.slice(0, 40)} given`)
  }
  visit(list, 0)
  return values
}

function checkValues(port: Port, given: ArrayLike<number>, path: string): Values {
  const expected = sizeOf(port.shape)
  if (given.length !== expected) {
    throw invalid(
      path,
      `input ${describePorts([port])}: ${expected} values are expected, ${given.length} given`,
    )
  }
  const values = holdsSingles(port.type) ? Float32Array.from(given) : Float64Array.from(given)
  for (let index = 0; index < expected; index++) {
    const fault = findFault(given[index]!, values[index]!, port.type)
    if (fault)
      throw invalid(path, `input ${printableName(port.name)}: value ${index} is ${given[index]}, ${fault}`)
  }
  return values
}

/** Why a number is not a value of a type. */
function findFault(given: number, stored: number, type = 'float32'): string | undefined {
  const { kind, range = [-Infinity, Infinity] } = elementTypeNamed(type)
  const [low, high] = range
  if (kind === 'float') {
    // Rounding to float32 may turn a number into infinity, or bring one just above the range back into it.
    return Number.isFinite(stored) && stored >= low && stored <= high
      ? undefined
      : `which is not a finite ${type}`
  }
  if (kind !== 'integer' && kind !== 'boolean') return `and no number is a value of type ${type}`
  if (!Number.isInteger(given)) return `which is not an integer, and the input is of type ${type}`
  if (given < low || given > high) return `which lies outside of ${type}, ${low} to ${high}`
  return Number.isSafeInteger(given) ? undefined : 'and integers beyond 2^53 cannot be read exactly'
}

function describePorts(ports: readonly Port[]): string {
  return ports.map(({ name, shape }) => `${printableName(name)} [${shape.join(', ')}]`).join(', ')
}

interface InvalidOptions {
  cause?: unknown
  hint?: string | undefined
}

function invalid(path: string, what: string, { cause, hint }: InvalidOptions = {}): ProvemarkError {
  return new ProvemarkError('INPUT_INVALID', `input file ${path}: ${what}`, {
    cause,
    hint: hint ?? "pass a file that matches the model's inputs, or none to have one generated",
  })
}
