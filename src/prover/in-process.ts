/**
 * Runs one phase of an in-process prover. Usage: in-process JOB (InProcessJob as JSON). Its imports are measured with
 * the phase: nothing but the prover's own module may be heavy. With a WarmJob it imports the module and then answers
 * one call after the other on a socket.
 */
import { writeSync } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Phase } from '../row/schema.ts'
import { importProver } from './load-module.ts'
import type { PhaseContext, Prover, RunResult } from './contract.ts'
import {
  formatReport,
  reportOf,
  type InProcessJob,
  type WarmAnswer,
  type WarmCall,
  type WarmJob,
} from './phase-command.ts'

const REJECTED = 1
const THREW = 2

/** How many of the prover's functions have been called and have not returned. */
let running = 0
process.on('exit', (code) => {
  if (running === 0 || code !== 0) return
  // An exit code of 0 would mean that the function succeeded.
  writeSync(2, 'the process exited with code 0 before the function of the prover returned\n')
  process.exitCode = THREW
})

const job = JSON.parse(process.argv[2] ?? '{}') as InProcessJob | WarmJob
try {
  const prover = await importProver(resolve(job.root, job.source))
  if ('socket' in job) await serve(prover, job.socket)
  const { phase, context } = job as InProcessJob
  const { result, timeS } = await call(prover, phase, context)
  const line = formatReport({ timeS, ...reportOf(result) })
  // A prover's own threads may keep Node alive forever.
  process.stdout.write(line, () => process.exit(result === false ? REJECTED : 0))
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${text}\n`, () => process.exit(THREW))
}

async function call(
  { name, phases }: Prover,
  phase: Phase,
  context: PhaseContext,
): Promise<{ result: RunResult; timeS: number }> {
  const spec = phases[phase]
  if (!spec || !('run' in spec)) throw new Error(`${name} has no function for ${phase}`)
  running++
  try {
    const startMs = performance.now()
    const result = await spec.run(context)
    return { result, timeS: (performance.now() - startMs) / 1000 }
  } finally {
    running--
  }
}

/** Never resolves: when the other side closes the socket, the process ends, whatever the prover left running. */
async function serve(prover: Prover, path: string): Promise<never> {
  const socket = connect(path)
  const send = (id: number, answer: WarmAnswer) => socket.write(`${JSON.stringify({ id, ...answer })}\n`)
  const serveCall = async (line: string) => {
    const { id, phase, context } = JSON.parse(line) as WarmCall & { id: number }
    try {
      const { result, timeS } = await call(prover, phase, context)
      send(id, { timeS, isRejected: result === false, report: reportOf(result) })
    } catch (error) {
      send(id, { threw: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  // Calls that arrive while others are running start immediately.
  for await (const line of createInterface({ input: socket })) void serveCall(line)
  return process.exit(0)
}
