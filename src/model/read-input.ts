import { readFileSync, statSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'
import type { PortValues } from './input.ts'
import { parseNpy } from './npy.ts'
import type { Port } from './ports.ts'
import { sizeOf } from './shape.ts'

/**
 * Reads the input file of a model: JSON (`{"input":[…]}`, `{"input_data":[…]}`, a bare list, or an object with a
 * list for each input by name; lists flat or nested) or, for a model with one input, a NumPy `.npy` file.
 * @param ports the model's inputs (`fixInputs`)
 * @returns values in the order of `ports`
 * @throws ProvemarkError INPUT_INVALID naming what was expected and what was given
 */
export function readInput(path: string, ports: readonly Port[]): PortValues[] {
  const bytes = readBounded(path, ports)
  const lists = path.endsWith('.npy') ? [parseNpy(bytes, path)] : readJson(bytes, path, ports)
  if (lists.length !== ports.length) {
    throw invalid(
      path,
      `${ports.length} inputs (${describePorts(ports)}) are expected, ${lists.length} given`,
    )
  }
  return ports.map((port, index) => ({ ...port, values: checkValues(path, port, lists[index]!) }))
}

// A number takes up to 25 characters; the rest is for brackets, indentation and keys.
const MOST_BYTES_PER_VALUE = 256
const SPARE_BYTES = 1024 * 1024

function readBounded(path: string, ports: readonly Port[]): Buffer {
  const count = ports.reduce((sum, port) => sum + sizeOf(port.shape), 0)
  const limit = count * MOST_BYTES_PER_VALUE + SPARE_BYTES
  try {
    const stats = statSync(path)
    if (!stats.isFile()) throw invalid(path, 'it is no regular file')
    if (stats.size > limit)
      throw invalid(path, `${count} values are expected, and it has ${stats.size} bytes`)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof ProvemarkError) throw error
    throw invalid(path, `it cannot be read: ${(error as Error).message}`, error)
  }
}

function readJson(bytes: Buffer, path: string, ports: readonly Port[]): ArrayLike<number>[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw invalid(path, `it is no JSON: ${(error as Error).message}`, error)
  }
  return findLists(parsed, path, ports).map((list) => flatten(list, path))
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

function asLists(list: unknown[], ports: readonly Port[]): unknown[] {
  return ports.length === 1 ? [list] : list
}

const DEEPEST_LIST = 32

function flatten(list: unknown, path: string): number[] {
  const values: number[] = []
  const visit = (item: unknown, depth: number): void => {
    if (depth > DEEPEST_LIST) throw invalid(path, `its lists are nested more than ${DEEPEST_LIST} deep`)
    if (Array.isArray(item)) for (const inner of item) visit(inner, depth + 1)
    else if (typeof item === 'number') values.push(item)
    else throw invalid(path, `numbers are expected, ${JSON.stringify(item)?.slice(0, 40)} given`)
  }
  visit(list, 0)
  return values
}

function checkValues(path: string, port: Port, given: ArrayLike<number>): Float32Array {
  const expected = sizeOf(port.shape)
  if (given.length !== expected) {
    throw invalid(
      path,
      `input ${describePorts([port])}: ${expected} values are expected, ${given.length} given`,
    )
  }
  const values = Float32Array.from(given)
  const odd = values.findIndex((value) => !Number.isFinite(value))
  if (odd >= 0)
    throw invalid(path, `input ${port.name}: value ${odd} is ${given[odd]}, which is no finite float32`)
  return values
}

function describePorts(ports: readonly Port[]): string {
  return ports.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')
}

function invalid(path: string, what: string, cause?: unknown): ProvemarkError {
  return new ProvemarkError('INPUT_INVALID', `input file ${path}: ${what}`, {
    cause,
    hint: "give a file that fits the model's inputs, or none, to have one generated",
  })
}
