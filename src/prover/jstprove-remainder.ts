import { z } from 'zod'
import type { Prover } from './contract.ts'
import { encodeValues, locateBrought, phase, readCounts, readSteps } from './jstprove.ts'

/** Counters by the noun after their number in a compile's details. */
const NOUNS: Readonly<Record<string, string>> = { node: 'numNodes', layer: 'numLayer' }

/**
 * JSTprove's second backend (2.12 and newer), installed by a user whose licence allows it. Its flags and output are
 * those of its published source. Forgeries are not applicable: none has ever been tried on it.
 */
export const jstproveRemainder: Prover = {
  name: 'jstprove-remainder',
  title: "JSTprove's jstprove-remainder command, brought by the user",
  options: z.object({
    json: z.boolean().describe('ask for events as JSON lines').default(false),
  }),
  threads: false,
  security: {
    scheme: 'GKR (Remainder)',
    field: 'unknown',
    setup: 'unknown',
    bits: 'unknown',
    input: 'public',
  },
  locate: locateBrought('jstprove-remainder'),
  artifacts: {
    circuit: { file: 'model.msgpack' },
    witness: { file: 'witness.msgpack' },
    proof: { file: 'proof.msgpack' },
  },
  input: {
    file: 'input.msgpack',
    // Values as they are: the command quantises them itself.
    encode: (inputs) => encodeValues(inputs, (value) => value),
  },
  phases: {
    compile: phase('compile', ['circuit'], { '--model': 'model', '--output': 'circuit' }),
    witness: phase('witness', ['witness'], {
      '--model': 'circuit',
      '--input': 'input',
      '--output': 'witness',
    }),
    prove: phase('prove', ['proof'], { '--model': 'circuit', '--witness': 'witness', '--output': 'proof' }),
    verify: phase('verify', [], { '--model': 'circuit', '--proof': 'proof', '--input': 'input' }),
  },
  // It prints no totalCost: a budget on it has to report it as missing.
  counters: [...Object.values(NOUNS), 'totalCost'],
  keep: /nodes|layers|\bdone\b/i,
  read: (output, phaseName) =>
    readSteps(output, phaseName === 'compile' ? (text) => readCounts(text, NOUNS) : undefined),
}
