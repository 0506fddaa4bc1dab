import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorCode } from '../errors.ts'
import type { ProcessOutcome } from '../process/run-process.ts'
import type { Files, Forgery, VerifyExit } from '../prover/contract.ts'
import type { Row } from '../row/schema.ts'
import { compareOutput, type OutputComparison } from './compare-output.ts'
import { runPhaseProcess, type PhaseProcess } from './phase-process.ts'
import type { PointFiles } from './point-files.ts'
import type { PointJob } from './point.ts'

/** Results of a point's negative controls. */
export interface Controls {
  trials: readonly ForgeryTrial[]
  comparison: OutputComparison
}

interface ForgeryTrial {
  target: 'proof' | 'output'
  result: 'rejected' | 'accepted' | 'inconclusive' | 'not_applicable'
  /** Why there is no result. */
  why?: string
}

interface ControlledRun extends PhaseProcess {
  /** What the point starts from. */
  given: PointFiles | undefined
  /** What earlier phases reported in addition to their figures. */
  extra: Readonly<Record<string, unknown>>
}

/** Runs the controls after the first successful verify of a point; undefined otherwise. */
export async function runControls(job: PointJob, run: ControlledRun): Promise<Controls | undefined> {
  if (!job.plan.options.controls || run.phase !== 'verify' || run.iteration !== 1) return undefined
  const trials: ForgeryTrial[] = []
  for (const target of ['proof', 'output'] as const)
    trials.push({ target, ...(await tryForgery(job, run, target)) })
  return { trials, comparison: await compareOutput(job, run) }
}

const DEFAULT_EXIT: VerifyExit = { accepted: [0], rejected: [1] }

/** Has the verifier check a forged copy of an artifact together with the honest ones. */
async function tryForgery(
  job: PointJob,
  run: PhaseProcess,
  target: ForgeryTrial['target'],
): Promise<Omit<ForgeryTrial, 'target'>> {
  const forgery = job.prover.tamper?.[target]
  if (!forgery) return { result: 'not_applicable' }
  const dir = join(run.dir, `forged-${target}`)
  const files = await forge(job, forgery, run.files, dir).catch((error: unknown) => String(error))
  if (typeof files === 'string') return { result: 'inconclusive', why: files }
  const { outcome } = await runPhaseProcess(job, { ...run, dir, files })
  return judgeVerdict(outcome, job.prover.verifyExit ?? DEFAULT_EXIT)
}

/** The files, one of them replaced by a forged copy. */
async function forge(
  { prover }: PointJob,
  { artifact, forge: change }: Forgery,
  files: Files,
  dir: string,
): Promise<Files> {
  const honest = await readFile(files[artifact]!)
  const bytes = change(Uint8Array.from(honest))
  if (honest.equals(bytes)) throw new Error(`tampering left ${artifact} as it was`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, prover.artifacts[artifact]!.file)
  await writeFile(path, bytes)
  return { ...files, [artifact]: path }
}

/** Only an exit code defined as a rejection counts: a crash or a timeout rejects nothing. */
function judgeVerdict(
  { return_code, signal, status }: ProcessOutcome,
  { accepted, rejected }: VerifyExit,
): Omit<ForgeryTrial, 'target'> {
  if (status !== 'ok' && status !== 'failed')
    return { result: 'inconclusive', why: `verify ended as ${status}` }
  if (return_code !== null && accepted.includes(return_code)) return { result: 'accepted' }
  if (return_code !== null && rejected.includes(return_code)) return { result: 'rejected' }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${return_code}`
  return { result: 'inconclusive', why: `verify ${how}` }
}

/** A verify fails if it accepted a forgery, or if the proof states an output other than the model's. */
export function judgeControls(outcome: ProcessOutcome, controls: Controls | undefined): ProcessOutcome {
  if (!controls || outcome.status !== 'ok') return outcome
  const fail = (code: ErrorCode, message: string): ProcessOutcome => ({
    ...outcome,
    status: 'failed',
    error: { code, message, tail: outcome.tail },
  })
  const accepted = controls.trials.filter(({ result }) => result === 'accepted').map(({ target }) => target)
  if (accepted.length)
    return fail('FORGERY_ACCEPTED', `verify accepted a forged ${accepted.join(' and a forged ')}`)
  const { maxAbsError = 0, tolerance = Infinity, worst } = controls.comparison
  // NaN does not agree with anything either.
  if (maxAbsError <= tolerance) return outcome
  const where = worst
    ? `: ${worst.place} is expected to be ${worst.expected}, ${worst.proved} was proved`
    : ''
  return fail(
    'OUTPUT_MISMATCH',
    `the proved output differs from the float model by ${maxAbsError}, quantisation explains ${tolerance}${where}`,
  )
}

/** The controls as fields of the verify row. */
export function controlFields({ trials, comparison }: Controls): Partial<Row> {
  const { maxAbsError, tolerance } = comparison
  return {
    controls: Object.fromEntries(trials.map(({ target, result }) => [target, result])),
    ...(Number.isFinite(maxAbsError) ? { output_max_abs_error: maxAbsError } : {}),
    ...(tolerance === undefined ? {} : { output_tolerance: tolerance }),
  }
}

/** Warnings for the row about controls without a result. */
export function controlWarnings({ trials, comparison }: Controls): string[] {
  return [
    ...trials
      .filter(({ result }) => result === 'inconclusive')
      .map(({ target, why }) => `control of a forged ${target} is inconclusive: ${why}`),
    ...(comparison.why ? [`the proved output was not compared with the float model: ${comparison.why}`] : []),
  ]
}
