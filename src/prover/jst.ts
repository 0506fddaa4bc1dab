import type { Phase } from '../row/schema.ts'
import type { Command, CommandPhase, Prover } from './contract.ts'
import { readKeyValueCounters, readLastMegabytes, readLastSeconds, where } from './counters.ts'
import { describeProgram, findExecutable } from './executable.ts'

const COUNTERS = [
  'numInputs',
  'numConstraints',
  'numInsns',
  'numVars',
  'numTerms',
  'numSegment',
  'numLayer',
  'numUsedInputs',
  'numUsedVariables',
  'numVariables',
  'numAdd',
  'numCst',
  'numMul',
  'totalCost',
]

/** Set unless the user has set them. */
const ENVIRONMENT = { RUST_LOG: 'info', RUST_BACKTRACE: '1', PYTHONUNBUFFERED: '1' }

/**
 * JSTprove's `jst` command, installed by a user whose licence allows it. Forgeries are not applicable: none was ever
 * tried on it.
 */
export const jst: Prover = {
  name: 'jst',
  title: "JSTprove's jst command, brought by the user",
  threads: false,
  security: {
    scheme: 'GKR (Expander), Hyrax commitments',
    field: 'BN254 scalar field',
    setup: 'transparent',
    bits: 'unknown',
  },
  async locate({ bin }) {
    const hint = 'install jst where its licence allows you to, or name it: --prover jst,bin=PATH'
    return describeProgram(await findExecutable('jst', bin, hint), ['--version'])
  },
  artifacts: {
    circuit: { file: 'circuit.txt', deterministic: true },
    quantized: { file: 'circuit_quantized_model.onnx', deterministic: true, optional: true },
    witness: { file: 'witness.bin' },
    output: { file: 'output.json', deterministic: true },
    proof: { file: 'proof.bin' },
  },
  phases: {
    compile: phase('compile', ['circuit', 'quantized'], { '-m': 'model', '-c': 'circuit' }),
    witness: phase('witness', ['output', 'witness'], {
      '-c': 'circuit',
      '-o': 'output',
      '-w': 'witness',
      '-i': 'input',
    }),
    prove: phase('prove', ['proof'], { '-c': 'circuit', '-w': 'witness', '-p': 'proof' }),
    verify: phase('verify', [], {
      '-c': 'circuit',
      '-o': 'output',
      '-w': 'witness',
      '-p': 'proof',
      '-i': 'input',
    }),
  },
  counters: COUNTERS,
  keep: /num[A-Z]\w*|totalCost|time taken|time elapsed|memory/i,
  read: (output, phaseName) => ({
    ...(phaseName === 'compile' ? { counters: readKeyValueCounters(output, COUNTERS) } : {}),
    ...where('timeS', readLastSeconds(output, /(?:Rust time taken|Time elapsed)\s*:\s*(\d.*)/g)),
    ...where(
      'memMb',
      readLastMegabytes(output, /(?:Peak Memory used Overall|Rust subprocess memory)\s*:\s*([\d.,]+)/g),
    ),
  }),
}

/** The command takes each file with a flag; it reads those that it does not write. */
function phase(
  name: Phase,
  writes: readonly string[],
  flags: Readonly<Record<string, string>>,
): CommandPhase {
  return {
    reads: Object.values(flags).filter((file) => !writes.includes(file)),
    writes,
    command: ({ files, located }): Command => ({
      file: located.bin,
      args: ['--no-banner', name, ...Object.entries(flags).flatMap(([flag, file]) => [flag, files[file]!])],
      env: Object.fromEntries(
        Object.entries(ENVIRONMENT).filter(([variable]) => process.env[variable] === undefined),
      ),
    }),
  }
}
