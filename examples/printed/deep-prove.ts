/**
 * `bench` of DeepProve: one set-up, then N proofs in one process, with a line of its log at the begin and the end of each
 * part. The accuracy that it prints means nothing here: the outputs in its input file are placeholders.
 */
import { commandProver } from 'provemark/prover'

/** As many inputs as it proves at most in one process. */
const SAMPLES = 30

export default commandProver({
  name: 'deep-prove',
  title: 'bench of DeepProve',
  version: 'unknown',
  install: 'cargo build --release --bin bench',
  phases: {
    compile: {
      cmd: ['bench', '--onnx={model}', '--io={input}', '--bench=bench.csv', '--num-samples={iterations}'],
      env: { RUST_LOG: 'info', NO_COLOR: '1' },
      bounds: { begin: /== Creating context ==/, end: /== Context creation metrics: / },
    },
    witness: { bounds: { begin: /== Running model ==/, end: /== Running model metrics: / } },
    prove: { bounds: { begin: /== Proving ==/, end: /== Proving metrics: / } },
    verify: { bounds: { begin: /== Verifying ==/, end: /== Verifier metrics: / } },
  },
  input: {
    file: 'io.json',
    encode(inputs) {
      const input = inputs.flatMap(({ values }) => Array.from(values, Number))
      const repeat = (values: readonly number[]) => Array.from({ length: SAMPLES }, () => values)
      return JSON.stringify({
        input_data: repeat(input),
        output_data: repeat([0]),
        pytorch_output: repeat([0]),
      })
    },
  },
})
