import type { Phase } from '../row/schema.ts'
import type { CommandPhase, Prover } from './contract.ts'
import { readKeyValueCounters, readLastMegabytes, readLastSeconds, where } from './counters.ts'
import { locateBrought } from './jstprove.ts'
import { phaseByFlags, shortFlags } from './phase-command.ts'

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
 * JSTprove's `jst` command, installed by a user whose licence allows it. Forgeries are not applicable: none has ever
 * been tried on it.
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
  locate: locateBrought('jst'),
  artifacts: {
    circuit: { file: 'circuit.txt', deterministic: true },
    quantized: { file: 'circuit_quantized_model.onnx', deterministic: true, optional: true },
    witness: { file: 'witness.bin' },
    output: { file: 'output.json', deterministic: true },
    proof: { file: 'proof.bin' },
  },
  phases: {
    compile: phase('compile', ['circuit', 'quantized'], shortFlags('model', 'circuit')),
    witness: phase('witness', ['output', 'witness'], shortFlags('circuit', 'output', 'witness', 'input')),
    prove: phase('prove', ['proof'], shortFlags('circuit', 'witness', 'proof')),
    verify: phase('verify', [], shortFlags('circuit', 'output', 'witness', 'proof', 'input')),
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

function phase(
  name: Phase,
  writes: readonly string[],
  flags: Readonly<Record<string, string>>,
): CommandPhase {
  const own = phaseByFlags(['--no-banner', name], writes, flags)
  const isUnset = ([variable]: [string, string]) => process.env[variable] === undefined
  const env = () => Object.fromEntries(Object.entries(ENVIRONMENT).filter(isUnset))
  return { ...own, command: (context) => ({ ...own.command(context), env: env() }) }
}
