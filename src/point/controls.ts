import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asFailed, type ProcessOutcome } from '../process/run-process.ts'
import { changeAt, findPlaces, looksUnread } from '../prover/changed-proof.ts'
import {
  isShared,
  phasesOfProcess,
  type Files,
  type Forgery,
  type Prover,
  type VerifyExit,
} from '../prover/contract.ts'
import type { Row } from '../row/schema.ts'
import { compareOutput, type ComparedRun, type OutputComparison } from './compare-output.ts'
import { runPhaseProcess, type PhaseProcess } from './phase-process.ts'
import type { PointJob } from './point.ts'

/** Results of a point's negative controls. */
export interface Controls {
  trials: readonly ForgeryTrial[]
  /** Changes of a proof whose prover does not say how to forge it; absent otherwise. */
  changes?: ProofChanges | undefined
  comparison: OutputComparison
}

type Verdict = 'rejected' | 'accepted' | 'inconclusive'

interface ForgeryTrial {
  target: 'proof' | 'output'
  result: Verdict | 'not_applicable'
  /** Why there is no result. */
  why?: string
}

interface ProofChanges {
  /** Bytes of the proof. */
  bytes: number
  /** Offset of the byte that was changed, and what verify did. */
  tried: { offset: number; result: Verdict }[]
}

/** Runs the controls after the first successful verify of a point; undefined otherwise. */
export async function runControls(job: PointJob, run: ComparedRun): Promise<Controls | undefined> {
  if (!job.plan.options.controls || run.phase !== 'verify' || run.iteration !== 1) return undefined
  const targets = ['proof', 'output'] as const
  const trials = await Array.fromAsync(targets, async (target) => ({
    target,
    ...(await tryForgery(job, run, target)),
  }))
  const changes = job.prover.tamper || isInside(job.prover) ? undefined : await tryChanges(job, run)
  return { trials, changes, comparison: await compareOutput(job, run) }
}

/** A slow verify is not repeated for longer than this, s. */
const CHANGES_S = 60

/** Has the verifier check the proof with one byte changed, at one place after another. */
async function tryChanges(job: PointJob, run: PhaseProcess): Promise<ProofChanges | undefined> {
  const { prover } = job
  const artifact = findProof(prover)
  const honest = artifact && (await readFile(run.files[artifact] ?? '').catch(() => undefined))
  if (!artifact || !honest) return undefined
  const startMs = performance.now()
  const tried: ProofChanges['tried'] = []
  for (const offset of findPlaces(honest)) {
    if (run.signal.aborted || performance.now() - startMs > CHANGES_S * 1000) break
    const dir = join(run.dir, 'changed-proof')
    const forgery = { artifact, forge: (bytes: Uint8Array) => changeAt(bytes, offset) }
    const { outcome } = await runPhaseProcess(job, {
      ...run,
      dir,
      files: await forge(job, forgery, run.files, dir),
    })
    const { result } = judgeVerdict(outcome, prover.verifyExit)
    // An exit code whose meaning the author did not state may stand for any error.
    const isUnread = result === 'rejected' && !prover.verifyExit && looksUnread(outcome.output)
    tried.push({ offset, result: isUnread ? 'inconclusive' : result })
  }
  return tried.length ? { bytes: honest.length, tried } : undefined
}

/** The artifact called proof, or else the only one that prove writes. */
function findProof({ artifacts, phases }: Prover): string | undefined {
  if (artifacts['proof']) return 'proof'
  const { writes = [] } = phases.prove ?? {}
  return writes.length === 1 ? writes[0] : undefined
}

export const INSIDE =
  'verify runs inside the process that proved, and cannot be asked about another proof; a command of its own could'

/** Whether verify runs in the process of other phases, and so cannot be run alone. */
export function isInside(prover: Pick<Prover, 'phases'>): boolean {
  return isShared(prover.phases.verify) && phasesOfProcess(prover, 'verify')[0] !== 'verify'
}

/** Has the verifier check a forged copy of an artifact together with the honest ones. */
async function tryForgery(
  job: PointJob,
  run: PhaseProcess,
  target: ForgeryTrial['target'],
): Promise<Omit<ForgeryTrial, 'target'>> {
  const forgery = job.prover.tamper?.[target]
  if (isInside(job.prover)) return { result: 'not_applicable', why: INSIDE }
  if (!forgery) return { result: 'not_applicable', why: `the prover does not say how to forge its ${target}` }
  const dir = join(run.dir, `forged-${target}`)
  const files = await forge(job, forgery, run.files, dir).catch((error: unknown) => String(error))
  if (typeof files === 'string') return { result: 'inconclusive', why: files }
  const { outcome } = await runPhaseProcess(job, { ...run, dir, files })
  return judgeVerdict(outcome, job.prover.verifyExit)
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
  { accepted, rejected }: VerifyExit = { accepted: [0], rejected: [1] },
): { result: Verdict; why?: string } {
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
  const accepted = controls.trials.filter(({ result }) => result === 'accepted').map(({ target }) => target)
  if (accepted.length)
    return asFailed(
      outcome,
      'FORGERY_ACCEPTED',
      `verify accepted a forged ${accepted.join(' and a forged ')}`,
    )
  const { maxAbsError = 0, tolerance = Infinity, worst } = controls.comparison
  // NaN agrees with nothing, so it fails, too.
  if (maxAbsError <= tolerance) return outcome
  const where = worst
    ? `: ${worst.place} is expected to be ${worst.expected}, ${worst.proved} was proved`
    : ''
  const message = `the proved output differs from the float model by ${maxAbsError}, quantisation explains ${tolerance}${where}`
  return asFailed(outcome, 'OUTPUT_MISMATCH', message)
}

/** The controls as fields of the verify row. */
export function controlFields({ trials, changes, comparison }: Controls): Partial<Row> {
  const { maxAbsError, tolerance, accuracy } = comparison
  const reasons = new Set(
    trials.flatMap(({ result, why }) => (result === 'not_applicable' && why ? [why] : [])),
  )
  return {
    controls: Object.fromEntries(trials.map(({ target, result }) => [target, result])),
    ...(reasons.size ? { controls_why: [...reasons].join('; ') } : {}),
    ...(changes ? { proof_changes: countResults(changes) } : {}),
    ...(Number.isFinite(maxAbsError) ? { output_max_abs_error: maxAbsError } : {}),
    ...(tolerance === undefined ? {} : { output_tolerance: tolerance }),
    ...(accuracy ? { accuracy } : {}),
  }
}

function countResults({ tried }: ProofChanges) {
  const count = (wanted: Verdict) => tried.filter(({ result }) => result === wanted).length
  return { rejected: count('rejected'), inconclusive: count('inconclusive'), accepted: count('accepted') }
}

/** Warnings for the row about controls without a result, and about changes of a proof that did not matter. */
export function controlWarnings({ trials, changes, comparison }: Controls): string[] {
  const accepted = changes?.tried.filter(({ result }) => result === 'accepted') ?? []
  return [
    ...(accepted.length
      ? [
          `verify accepted the proof with one byte changed, at offset ${accepted.map(({ offset }) => offset).join(', ')} of ${changes?.bytes}: padding and metadata may be free; only a forgery that the prover declares (tamper.proof) can decide`,
        ]
      : []),
    ...trials
      .filter(({ result }) => result === 'inconclusive')
      .map(({ target, why }) => `control of a forged ${target} is inconclusive: ${why}`),
    ...(comparison.why ? [`the proved output was not compared with the float model: ${comparison.why}`] : []),
  ]
}
