import { join } from 'node:path'
import { commandProver } from 'provemark/prover'

/** Groth16 over BLS12-381 by arkworks. `cargo build --release` makes the program. */
export default commandProver({
  name: 'one-process',
  version: '0.1.0',
  install: 'cargo build --release',
  security: { scheme: 'Groth16', field: 'BLS12-381 scalar field', setup: 'local, insecure' },
  phases: {
    compile: {
      cmd: [
        join(import.meta.dirname, 'target/release/one-process'),
        '{params.width}',
        '{iterations}',
        '{proof}',
      ],
      bounds: 'waits',
    },
    prove: { bounds: 'waits', artifacts: { proof: { file: 'proof.bin', deterministic: 'size' } } },
    verify: { bounds: 'waits' },
  },
  counters: ['constraints'],
  totalCost: 'constraints',
})
