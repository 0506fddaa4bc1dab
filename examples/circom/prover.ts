/**
 * Circuits in circom, proved by snarkjs with Groth16: no ONNX model anywhere. Both programs are under the GPL; they are
 * installed from npm for you and run as programs.
 */
import { spawnSync } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { defineProver } from 'provemark/prover'

const HERE = import.meta.dirname
const BIN = join(HERE, 'node_modules/.bin')
/** Enough for 2^12 constraints. */
const POWERS = join(HERE, 'node_modules/.cache/powers12.ptau')

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(BIN, program), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${status}\n${stdout}${stderr}`)
  return stdout
}

export default defineProver({
  name: 'circom',
  title: 'circom circuits, Groth16 by snarkjs',
  version: '0.7.6',
  threads: false,
  security: {
    scheme: 'Groth16',
    field: 'BN254 scalar field',
    setup: 'local, insecure: for measuring only',
    zero_knowledge: true,
    weights: 'fixed',
    input: 'hidden',
    output: 'public',
  },
  artifacts: {
    circuit: { file: 'circuit.r1cs', phase: 'compile', deterministic: true },
    calculator: { file: 'calculator.wasm', phase: 'compile', deterministic: true },
    pk: { file: 'circuit.zkey', phase: 'compile', deterministic: 'size' },
    vk: { file: 'vk.json', phase: 'compile' },
    witness: { file: 'witness.wtns', phase: 'witness', deterministic: true },
    proof: { file: 'proof.json', phase: 'prove' },
    output: { file: 'public.json', phase: 'prove', deterministic: true },
  },
  counters: ['constraints', 'wires', 'totalCost'],
  phases: {
    compile: {
      // Shared by all circuits, and no part of any figure.
      prepare: () => ({ file: process.execPath, args: [join(HERE, 'powers.mjs'), POWERS] }),
      run: async ({ files }) => {
        const name = basename(files.workload, '.circom')
        const out = join(dirname(files.circuit), 'circom')
        await mkdir(out)
        const printed = run('circom2', files.workload, '--r1cs', '--wasm', '-o', out)
        await copyFile(join(out, `${name}.r1cs`), files.circuit)
        await copyFile(join(out, `${name}_js`, `${name}.wasm`), files.calculator)
        run('snarkjs', 'groth16', 'setup', files.circuit, POWERS, files.pk)
        run('snarkjs', 'zkey', 'export', 'verificationkey', files.pk, files.vk)
        const read = (what: RegExp) => Number(what.exec(printed)?.[1] ?? Number.NaN)
        const constraints = read(/non-linear constraints: (\d+)/)
        return { counters: { constraints, wires: read(/wires: (\d+)/), totalCost: constraints } }
      },
    },
    witness: ({ files }) =>
      void run('snarkjs', 'wtns', 'calculate', files.calculator, files.input, files.witness),
    prove: ({ files }) =>
      void run('snarkjs', 'groth16', 'prove', files.pk, files.witness, files.proof, files.output),
    verify: {
      command: ({ files }) => ({
        file: join(BIN, 'snarkjs'),
        args: ['groth16', 'verify', files.vk, files.output, files.proof],
      }),
    },
  },
  tamper: {
    proof: { artifact: 'proof', forge: swapPoints },
    output: { artifact: 'output', forge: raiseOutput },
  },
})

/** Points A and C change places: each is on the curve, so only the pairing can refuse them. */
function swapPoints(bytes: Uint8Array): Uint8Array {
  const proof = JSON.parse(Buffer.from(bytes).toString()) as { pi_a: string[]; pi_c: string[] }
  return Buffer.from(JSON.stringify({ ...proof, pi_a: proof.pi_c, pi_c: proof.pi_a }))
}

function raiseOutput(bytes: Uint8Array): Uint8Array {
  const [first = '0', ...rest] = JSON.parse(Buffer.from(bytes).toString()) as string[]
  return Buffer.from(JSON.stringify([String(BigInt(first) + 1n), ...rest]))
}
