/**
 * Runs one phase of an in-process prover. Usage: in-process JOB (InProcessJob as JSON). Its imports are measured with
 * the phase: nothing but the prover's own module may be heavy.
 */
import { resolve } from 'node:path'
import { importProver } from './load-module.ts'
import type { InProcessJob } from './phase-command.ts'
import { formatReport, reportOf } from './report-line.ts'

const REJECTED = 1
const THREW = 2

const { source, root, phase, context } = JSON.parse(process.argv[2] ?? '{}') as InProcessJob
try {
  const spec = (await importProver(resolve(root, source))).phases[phase]
  if (!spec || !('run' in spec)) throw new Error(`${source} has no function for ${phase}`)
  const startMs = performance.now()
  const result = await spec.run(context)
  const timeS = (performance.now() - startMs) / 1000
  const line = formatReport({ timeS, ...reportOf(result) })
  // A prover's own threads may keep Node alive for ever.
  process.stdout.write(line, () => process.exit(result === false ? REJECTED : 0))
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${text}\n`, () => process.exit(THREW))
}
