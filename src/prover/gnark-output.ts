import { readFile } from 'node:fs/promises'
import type { Files } from './contract.ts'

/** The program's output.json: each number is its integer / 2^scale_bits. */
interface Output {
  output: number[]
  ints: number[]
  scale_bits: number
}

/** The proved integers in the model's own scale. */
export async function readOutput({ output = '' }: Files): Promise<number[]> {
  const { ints, scale_bits } = JSON.parse(await readFile(output, 'utf8')) as Output
  return ints.map((int) => int / 2 ** scale_bits)
}

/** The proof with its first point negated: well-formed, so only the pairing can refuse it. */
export function negatePoint(bytes: Uint8Array): Uint8Array {
  const forged = Uint8Array.from(bytes)
  // The second highest bit of a compressed point selects one of the two y coordinates.
  forged[0]! ^= 0x40
  return forged
}

/**
 * The last integer incremented, and the number that belongs to it as well: consistent, so only the proof can refuse
 * it.
 */
export function raiseOutput(bytes: Uint8Array): Uint8Array {
  const { ints, scale_bits } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Output
  const last = ints.at(-1)!
  // One more, or the next representable number if a JavaScript number is too large for that.
  const raised = [...ints.slice(0, -1), last + Math.max(1, Math.abs(last) * Number.EPSILON * 2)]
  const output = raised.map((int) => int / 2 ** scale_bits)
  return Buffer.from(JSON.stringify({ output, ints: raised, scale_bits }))
}
