import { mkdirSync } from 'node:fs'
import type { ProcessOutcome } from '../process/run-process.ts'
import type { Files } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import { digestArtifact } from './artifact-files.ts'
import { pathsOfWrites, sizeArtifacts } from './artifacts.ts'
import type { Link } from './chain.ts'
import { controlFields, controlWarnings, judgeControls, runControls, type Controls } from './controls.ts'
import type { PointJob } from './job.ts'
import { findExcess } from './memory-guard.ts'
import { placeOwnInput } from './own-input.ts'
import { missingCounters, runPhaseProcess, runPreparation, type RanPhase } from './phase-process.ts'
import { ranRow, unrunRow, type RowBase } from './phase-row.ts'

interface Iteration {
  phase: Phase
  iteration: number
  /** What the phase builds on; its files hold at least the model and the input. */
  before: Pick<Link, 'files' | 'circuit_sha256' | 'extra'>
  /** Folder of the iteration, made where it is not there. */
  dir: string
  base: RowBase
  signal: AbortSignal
  /** The point's own input file; each prover reads a copy, in a form of its own. */
  input: string
}

interface IterationResult {
  row: Row
  link: Link
}

/** Runs one phase once and says what came of it: its row, and the link that the next phase builds on. */
export async function runIteration(job: PointJob, it: Iteration): Promise<IterationResult> {
  const { prover, planned } = job
  const { phase, iteration, dir, signal, before } = it
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const own =
    phase === 'compile' ? { input: await placeOwnInput(prover, before.files, planned.settings, dir) } : {}
  const files: Files = { ...before.files, ...own, ...pathsOfWrites(prover, phase, dir) }
  const run = { phase, iteration, files, dir, signal, input: it.input, extra: before.extra }

  const preparation = await runPreparation(job, run)
  if (preparation && preparation.outcome.status !== 'ok')
    return describe(job, it, files, unprepared(preparation))
  const predictedMb = preparation?.report.predictedPeakMb
  const excess = findExcess(
    job,
    predictedMb === undefined ? undefined : { mb: predictedMb, by: 'its preparation' },
  )
  if (excess) {
    const row = unrunRow(it.base, phase, iteration, 'skipped', excess)
    return { row, link: { ...before, iteration, status: 'skipped' } }
  }
  const ran = await runPhaseProcess(job, run)
  const controls = ran.outcome.status === 'ok' ? await runControls(job, run) : undefined
  return describe(job, it, files, withExtra(ran, preparation?.report.extra), controls)
}

async function describe(
  job: PointJob,
  it: Iteration,
  files: Files,
  ran: RanPhase,
  controls?: Controls,
): Promise<IterationResult> {
  const { prover } = job
  const { phase, iteration, before, dir } = it
  const { report } = ran
  const { sizes, missing } = await sizeArtifacts(prover, phase, files)
  const required = missing.filter((name) => !prover.artifacts[name]?.optional)
  const complete = required.length ? withoutArtifacts(ran.outcome, phase, required) : ran.outcome
  const outcome = judgeControls(complete, controls)
  const isGood = outcome.status === 'ok'
  const circuit_sha256 =
    phase === 'compile' && isGood && files['circuit']
      ? await digestArtifact(files['circuit'])
      : before.circuit_sha256
  const absent = isGood ? [...missing.map(missingArtifact), ...missingCounters(job, phase, report)] : []
  const row = ranRow(it.base, {
    phase,
    iteration,
    outcome,
    report,
    dir,
    sizes,
    circuit_sha256,
    cmd: ran.cmd,
    warnings: [...ran.warnings, ...absent, ...(controls ? controlWarnings(controls) : [])],
  })
  const link = {
    iteration,
    status: complete.status,
    files,
    circuit_sha256,
    extra: { ...before.extra, ...report.extra },
  }
  return { row: controls ? { ...row, ...controlFields(controls) } : row, link }
}

/** A phase whose preparation failed did not run itself: there is nothing measured of it. */
function unprepared({ outcome, ...rest }: RanPhase): RanPhase {
  const { error } = outcome
  return {
    ...rest,
    outcome: {
      ...outcome,
      measurement: { time_s: null, mem_mb: null },
      error: error && { ...error, message: `preparation: ${error.message}` },
    },
  }
}

function withExtra(ran: RanPhase, extra: Record<string, number | string> = {}): RanPhase {
  return { ...ran, report: { ...ran.report, extra: { ...extra, ...ran.report.extra } } }
}

/** An exit code alone is not to be trusted: some provers end with 0 and have written nothing. */
function withoutArtifacts(ran: ProcessOutcome, phase: Phase, names: string[]): ProcessOutcome {
  if (ran.status !== 'ok') return ran
  const message = `${phase} ended with exit code 0 and did not write: ${names.join(', ')}`
  return { ...ran, status: 'failed', error: { code: 'ARTIFACT_MISSING', message, tail: ran.tail } }
}

function missingArtifact(name: string): string {
  return `ARTIFACT_MISSING: ${name} was not written`
}
