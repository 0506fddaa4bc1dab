import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { PhaseSpec, Prover } from '../../prover/contract.ts'
import { readKeyValueCounters } from '../../prover/counters.ts'
import type { Phase } from '../../row/schema.ts'

const COUNTERS = ['totalCost']

/**
 * Works and writes a file: a program that runs on every machine with this package. Its work is measured in CPU time,
 * including its own start. So twice the work takes twice as long, and load on the machine slows it down like any
 * prover.
 */
const PROGRAM = `
const [cpuMs, cost, file] = process.argv.slice(1)
const spentMs = ({ user, system }) => (user + system) / 1000
while (spentMs(process.cpuUsage()) < Number(cpuMs));
require('node:fs').writeFileSync(file, 'x'.repeat(64))
console.log('totalCost=' + cost)
`

function phase(name: Phase, reads: string[], write: string): PhaseSpec {
  return {
    reads,
    writes: [write],
    command: ({ files, settings, located }) => ({
      file: located.bin,
      args: [
        '-e',
        PROGRAM,
        String(settings['cpu_ms']),
        name === 'compile' ? String(settings['cost']) : '0',
        files[write]!,
      ],
    }),
  }
}

/** A prover that proves nothing and uses a given amount of CPU time. */
const fixtureProver: Prover = {
  name: 'fixture',
  title: 'proves nothing: for the self-test of the gate',
  options: z.object({ cpu_ms: z.coerce.number().default(200), cost: z.coerce.number().default(1000) }),
  security: { scheme: 'none', field: 'none', setup: 'none', bits: 0 },
  locate: async () => ({
    bin: process.execPath,
    version: process.version,
    sha256: createHash('sha256').update(readFileSync(process.execPath)).digest('hex'),
  }),
  artifacts: {
    circuit: { file: 'circuit.txt', deterministic: true },
    witness: { file: 'witness.txt', deterministic: true },
    proof: { file: 'proof.txt', deterministic: true },
    verdict: { file: 'verdict.txt', deterministic: true },
  },
  phases: {
    compile: phase('compile', ['model'], 'circuit'),
    witness: phase('witness', ['circuit'], 'witness'),
    prove: phase('prove', ['witness'], 'proof'),
    verify: phase('verify', ['proof'], 'verdict'),
  },
  counters: COUNTERS,
  read: (output, name) => (name === 'compile' ? { counters: readKeyValueCounters(output, COUNTERS) } : {}),
}

export default fixtureProver
