/**
 * `time_circuit CONFIG INPUT kzg` of zkml: all phases in one process, which prints how long each took. Its workload is
 * the msgpack file of the model.
 */
import { commandProver, readLastSeconds } from 'provemark/prover'

/** Both keys are part of the set-up, and each has a line of its own: the second one completes it. */
let vkeyS = 0
function readSetUp(line: string): number | undefined {
  vkeyS = readLastSeconds(line, /^Time elapsed in generating vkey: (\S+)/) ?? vkeyS
  const pkeyS = readLastSeconds(line, /^Time elapsed in generating pkey: (\S+)/)
  return pkeyS === undefined ? undefined : vkeyS + pkeyS
}

export default commandProver({
  name: 'zkml',
  title: 'time_circuit of zkml (Halo2, KZG)',
  version: 'unknown',
  install: 'cargo build --release --bin time_circuit',
  phases: {
    compile: { cmd: ['time_circuit', '{workload}', '{input}', 'kzg'], bounds: { time: readSetUp } },
    prove: { bounds: { time: /^Proving time: (\S+)/ } },
    verify: { bounds: { time: /^Verifying time: (\S+)/ } },
  },
  counters: ['pkey size', 'Proof size'],
})
