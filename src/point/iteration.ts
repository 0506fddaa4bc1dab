import { mkdirSync } from 'node:fs'
import { printableName } from '../lib/text.ts'
import { asFailed, type ProcessOutcome } from '../process/run-process.ts'
import { isShared, phasesOf, type Files } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import { digestArtifact, pathsOfWrites, sizeArtifacts } from './artifacts.ts'
import { controlFields, controlWarnings, judgeControls, runControls, type Controls } from './controls.ts'
import type { Lineage, Start } from './lineage.ts'
import { findMemoryShortage } from './memory-guard.ts'
import { missingCounters, runPhaseProcess, runPreparation } from './phase-process.ts'
import { settleReads } from './page-cache.ts'
import { ranRow, unrunRow, unsupported, type PhaseResult, type RowBase, type RowError } from './phase-row.ts'
import { takeFromProcess } from './shared-process.ts'
import { copyInput, type PointFiles } from './point-files.ts'
import type { PointJob } from './point.ts'

interface Iteration {
  phase: Phase
  iteration: number
  /** What the phase builds on; its files include at least the model and the input. */
  before: Start
  /** Folder of the iteration, created if missing. */
  dir: string
  base: RowBase
  signal: AbortSignal
  /** What the point starts from; each prover reads a copy of its input in its own form. */
  given: PointFiles | undefined
  /** What is known before the phase runs. */
  warnings: readonly string[]
}

export interface IterationResult {
  row: Row
  lineage: Lineage
}

/** Runs one iteration of a phase: returns its row, and the lineage that the next phase builds on. */
export async function runIteration(job: PointJob, it: Iteration): Promise<IterationResult> {
  const { prover, planned } = job
  const { phase, iteration, dir, signal, before, given } = it
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const copy =
    phase === phasesOf(prover)[0] && given ? await copyInput(prover, given, planned.settings, dir) : {}
  const files: Files = { ...before.files, ...copy, ...pathsOfWrites(prover, phase, dir) }
  const run = { phase, iteration, files, dir, signal, given, extra: before.extra }

  const preparation = await runPreparation(job, run)
  if (preparation && preparation.outcome.status !== 'ok')
    return describe(job, it, files, unprepared(preparation))
  const { predictedPeakMb: mb, extra = {} } = preparation?.report ?? {}
  const shortage = findMemoryShortage(job, mb === undefined ? undefined : { mb, by: 'its preparation' })
  const skip = (error: RowError): IterationResult => ({
    row: unrunRow(it.base, phase, iteration, 'skipped', error),
    lineage: { ...before, iteration, status: 'skipped' },
  })
  if (shortage) return skip(shortage)
  const settled = await settleReads(job, phase, files)
  if ('refused' in settled) return skip(settled.refused)
  const ran = await (isShared(prover.phases[phase]) ? takeFromProcess : runPhaseProcess)(job, run)
  const { refused } = ran.report
  if (refused !== undefined && ran.outcome.status === 'failed' && phase === phasesOf(prover)[0])
    return skip(unsupported(`${prover.name} does not prove this model: ${printableName(refused)}`))
  const made = ran.files ?? files
  const controls = ran.outcome.status === 'ok' ? await runControls(job, { ...run, files: made }) : undefined
  const report = { ...ran.report, extra: { ...extra, ...ran.report.extra } }
  const own = {
    ...it,
    base: { ...it.base, ...settled.fields },
    warnings: [...it.warnings, ...settled.warnings],
  }
  return describe(job, own, made, { ...ran, report }, controls)
}

async function describe(
  job: PointJob,
  it: Iteration,
  files: Files,
  ran: PhaseResult,
  controls?: Controls,
): Promise<IterationResult> {
  const { prover } = job
  const { phase, iteration, before, dir } = it
  const { report } = ran
  const { sizes, missing } = ran.sized ?? (await sizeArtifacts(prover, phase, files))
  const required = missing.filter((name) => !prover.artifacts[name]?.optional)
  const complete = required.length ? withoutArtifacts(ran.outcome, phase, required) : ran.outcome
  const outcome = judgeControls(complete, controls)
  const isGood = outcome.status === 'ok'
  const circuit_sha256 =
    phase === 'compile' && isGood && files['circuit']
      ? await digestArtifact(files['circuit'])
      : before.circuit_sha256
  const absent = missing.map((name) => `ARTIFACT_MISSING: ${name} was not written`)
  const warnings = [
    ...it.warnings,
    ...ran.warnings,
    ...outcome.warnings,
    ...(isGood ? [...absent, ...missingCounters(job, phase, report)] : []),
    ...(controls ? controlWarnings(controls) : []),
  ]
  const row = ranRow(it.base, { ...ran, phase, iteration, dir, outcome, sizes, circuit_sha256, warnings })
  const extra = { ...before.extra, ...report.extra }
  const lineage = { iteration, status: complete.status, files, circuit_sha256, extra }
  return { row: controls ? { ...row, ...controlFields(controls) } : row, lineage }
}

/** A phase whose preparation failed did not run, so nothing of it was measured. */
function unprepared({ outcome, ...rest }: PhaseResult): PhaseResult {
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

/** An exit code alone cannot be trusted: some provers exit with 0 without writing anything. */
function withoutArtifacts(outcome: ProcessOutcome, phase: Phase, names: string[]): ProcessOutcome {
  if (outcome.status !== 'ok') return outcome
  const message = `${phase} ended with exit code 0 and did not write: ${names.join(', ')}`
  return asFailed(outcome, 'ARTIFACT_MISSING', message)
}
