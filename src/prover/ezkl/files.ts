import { readFile } from 'node:fs/promises'
import type { PortValues } from '../../model/ports.ts'
import type { Files } from '../contract.ts'

/** The part of ezkl's proof.json that is used. */
interface Proof {
  /** Public values: those of the inputs, then those of the outputs, as little-endian field elements in hex. */
  instances: string[][]
  proof: number[]
}

/** The part of ezkl's settings.json that is used. */
interface Settings {
  model_instance_shapes: number[][]
  /** Fractional bits of each output. */
  model_output_scales: number[]
}

const BN254_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n

/**
 * The proved outputs in the model's own scale, read from the public values: the proof does not cover the readable
 * copies next to them.
 */
export async function readOutputs({ proof = '', settings = '' }: Files): Promise<number[]> {
  const { instances } = await readJson<Proof>(proof)
  const { model_instance_shapes, model_output_scales } = await readJson<Settings>(settings)
  const shapes = model_instance_shapes.slice(-model_output_scales.length)
  const scales = shapes.flatMap((shape, output) =>
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => model_output_scales[output]!),
  )
  const values = instances.flat().slice(-scales.length)
  return values.map((felt, i) => Number(signedValue(felt)) / 2 ** scales[i]!)
}

function signedValue(felt: string): bigint {
  const value = BigInt(`0x${Buffer.from(Buffer.from(felt, 'hex').toReversed()).toString('hex')}`)
  return value > BN254_ORDER / 2n ? value - BN254_ORDER : value
}

/** A bit in the middle of the proof, in an evaluation, so that the proof still parses. */
export function flipProof(bytes: Uint8Array): Uint8Array {
  return change(bytes, ({ proof }) => {
    proof[Math.floor(proof.length / 2)]! ^= 1
  })
}

/** The lowest bit of the last output. */
export function flipOutput(bytes: Uint8Array): Uint8Array {
  return change(bytes, ({ instances }) => {
    const last = instances.at(-1)!
    const felt = Buffer.from(last.at(-1)!, 'hex')
    felt[0]! ^= 1
    last[last.length - 1] = felt.toString('hex')
  })
}

function change(bytes: Uint8Array, edit: (proof: Proof) => void): Uint8Array {
  const proof = JSON.parse(Buffer.from(bytes).toString('utf8')) as Proof
  edit(proof)
  return Buffer.from(JSON.stringify(proof))
}

async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(path, 'utf8')) as Value
}

/** One flat list for each input of the model. */
export function encodeInput(inputs: readonly PortValues[]): string {
  return JSON.stringify({ input_data: inputs.map(({ values }) => [...values]) })
}
