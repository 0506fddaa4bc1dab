/**
 * One fully connected layer on o1js (Kimchi over the Pasta curves), each phase an async function. It shows how a
 * prover that is a JavaScript library is benchmarked; it is no general zkML prover.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { Cache, Field, Provable, verify, ZkProgram } from 'o1js'
import { fixInputs, readInput, readModel, readTensor } from 'provemark/model'
import { defineProver } from 'provemark/prover'

const SCALE = 2 ** 10

/** A Gemm with its numbers as integers: outputs are at SCALE^2. */
function readLayer(path: string) {
  const { graph } = readModel(path)
  const [gemm] = graph?.node ?? []
  if (gemm?.op_type !== 'Gemm' || graph?.node.length !== 1) throw new Error('one Gemm is expected')
  const [weight, bias] = gemm.input.slice(1).map((name) => {
    const stored = graph.initializer.find((tensor) => tensor.name === name)
    if (!stored) throw new Error(`${name} is no initializer`)
    return readTensor(stored)
  })
  const isTransposed = gemm.attribute.some(({ name, i }) => name === 'transB' && i === 1)
  if (!weight || !bias || !isTransposed) throw new Error('weights as rows of outputs and a bias are expected')
  const [outputs = 0, inputs = 0] = weight.dims
  const rows = Array.from({ length: outputs }, (_, o) =>
    Array.from({ length: inputs }, (_, i) => quantise(weight.data[o * inputs + i]!)),
  )
  return { inputs, outputs, rows, bias: Array.from(bias.data, (value) => quantise(value) * BigInt(SCALE)) }
}

function quantise(value: number): bigint {
  return BigInt(Math.round(value * SCALE))
}

/** The circuit of a layer: its input is private, its output public. */
function makeProgram(path: string) {
  const { inputs, outputs, rows, bias } = readLayer(path)
  const Input = Provable.Array(Field, inputs)
  return ZkProgram({
    name: 'dense',
    publicOutput: Provable.Array(Field, outputs),
    methods: {
      infer: {
        privateInputs: [Input],
        async method(input: Field[]) {
          const publicOutput = rows.map((row, o) =>
            row.reduce((sum, weight, i) => sum.add(input[i]!.mul(Field(weight))), Field(bias[o]!)).seal(),
          )
          return { publicOutput }
        },
      },
    },
  })
}

export default defineProver({
  name: 'o1js',
  title: 'one fully connected layer on o1js',
  version: '2.15.0',
  security: {
    scheme: 'Kimchi (PLONKish), Pickles',
    field: 'Pasta curves',
    setup: 'transparent',
    bits: 'unknown',
    zero_knowledge: true,
    weights: 'fixed',
    input: 'hidden',
    output: 'public',
  },
  artifacts: {
    keys: { file: 'keys', phase: 'compile' },
    vk: { file: 'vk.json', phase: 'compile', deterministic: true },
    witness: { file: 'witness.json', phase: 'witness', deterministic: true },
    proof: { file: 'proof.json', phase: 'prove' },
  },
  counters: ['rows', 'totalCost'],
  operators: ['Gemm'],
  phases: {
    compile: async ({ files }) => {
      const program = makeProgram(files.model)
      const { infer } = await program.analyzeMethods()
      const { verificationKey } = await program.compile({ cache: Cache.FileSystem(files.keys) })
      await writeFile(files.vk, JSON.stringify(verificationKey))
      return { counters: { rows: infer.rows, totalCost: infer.rows } }
    },
    witness: async ({ files }) => {
      const [input] = readInput(files.input, fixInputs(readModel(files.model)))
      const ints = Array.from(input!.values, (value) => String(quantise(value)))
      await writeFile(files.witness, JSON.stringify(ints))
    },
    prove: async ({ files }) => {
      const program = makeProgram(files.model)
      // The keys come from the folder that compile filled.
      await program.compile({ cache: Cache.FileSystem(files.keys) })
      const ints = JSON.parse(await readFile(files.witness, 'utf8')) as string[]
      const { proof } = await program.infer(ints.map((int) => Field(BigInt(int))))
      await writeFile(files.proof, JSON.stringify(proof.toJSON()))
    },
    verify: async ({ files }) => {
      const { data, hash } = JSON.parse(await readFile(files.vk, 'utf8')) as { data: string; hash: string }
      const proof = JSON.parse(await readFile(files.proof, 'utf8'))
      return verify(proof, { data, hash: Field(hash) })
    },
  },
  tamper: {
    output: { artifact: 'proof', forge: raiseOutput },
  },
  provedOutput: {
    read: async ({ proof = '' }) => {
      const { publicOutput } = JSON.parse(await readFile(proof, 'utf8')) as { publicOutput: string[] }
      return publicOutput.map((value) => Number(signed(BigInt(value))) / SCALE ** 2)
    },
    // Eight products, each off by half a unit of its input and of its weight at most, and the bias.
    tolerance: () => 10 / SCALE,
  },
})

function signed(value: bigint): bigint {
  return value > Field.ORDER / 2n ? value - Field.ORDER : value
}

/** The last output one higher. */
function raiseOutput(bytes: Uint8Array): Uint8Array {
  const proof = JSON.parse(Buffer.from(bytes).toString('utf8')) as { publicOutput: string[] }
  const last = proof.publicOutput.pop()!
  proof.publicOutput.push(String(BigInt(last) + 1n))
  return Buffer.from(JSON.stringify(proof))
}
