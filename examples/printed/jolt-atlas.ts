/**
 * An example program of jolt-atlas with `--trace-terminal`: all phases in one process, which prints a line of Rust's
 * tracing whenever a span closes. Its model is fixed in its source: build it and name it as bin=PATH.
 */
import { commandProver, readLastSeconds } from 'provemark/prover'

/** How long a span was open, from the line that it closes with. A span inside it has its own name last. */
function spanOf(name: string): (line: string) => number | undefined {
  const closes = new RegExp(String.raw`(?:^|[\s:])${name}(?:\{[^}]*\})?: \S+: close\b`)
  return (line) => {
    if (!closes.test(line)) return undefined
    const busyS = readLastSeconds(line, /time\.busy=(\S+)/)
    const idleS = readLastSeconds(line, /time\.idle=(\S+)/) ?? 0
    return busyS === undefined ? undefined : busyS + idleS
  }
}

export default commandProver({
  name: 'jolt-atlas',
  title: 'an example program of jolt-atlas',
  version: 'unknown',
  install: 'cargo build --release --package jolt-atlas-core --example nanoGPT',
  phases: {
    compile: {
      cmd: ['nanoGPT', '--trace-terminal'],
      env: { NO_COLOR: '1' },
      bounds: { time: spanOf('setup_prover') },
    },
    prove: { bounds: { time: spanOf('ONNXProof::prove') } },
    verify: { bounds: { time: spanOf('ONNXProof::verify') } },
  },
  spans: 'tracing',
})
