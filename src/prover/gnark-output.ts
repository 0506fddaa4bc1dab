import { readFile } from 'node:fs/promises'
import type { Files } from './contract.ts'

/** What the program writes as output.json: each number is its integer / 2^scale_bits. */
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

/** The proof with the negative of its first point: well-formed, so that only the pairing can refuse it. */
export function negatePoint(bytes: Uint8Array): Uint8Array {
  const forged = Uint8Array.from(bytes)
  // The second highest bit of a compressed point says which of its two ordinates is meant.
  forged[0]! ^= 0x40
  return forged
}

/** The last integer higher, and the number beside it as well: consistent, so that only the proof can refuse it. */
export function raiseOutput(bytes: Uint8Array): Uint8Array {
  const { ints, scale_bits } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Output
  const last = ints.at(-1)!
  // One higher, or what is the next number for a JavaScript number of that size.
  const raised = [...ints.slice(0, -1), last + Math.max(1, Math.abs(last) * Number.EPSILON * 2)]
  const output = raised.map((int) => int / 2 ** scale_bits)
  return Buffer.from(JSON.stringify({ output, ints: raised, scale_bits }))
}
