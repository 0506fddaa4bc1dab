import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessOutcome } from '../process/run-process.ts'
import type { Files, Forgery, VerifyExit } from '../prover/contract.ts'
import type { PointJob } from './job.ts'
import { runPhaseProcess } from './phase-process.ts'

export type ForgeryTarget = 'proof' | 'output'

export interface ForgeryTrial {
  target: ForgeryTarget
  result: 'rejected' | 'accepted' | 'inconclusive' | 'not_applicable'
  /** Why there is no result. */
  why?: string
}

const DEFAULT_EXIT: VerifyExit = { accepted: [0], rejected: [1] }

/** Shows the verifier a forged copy of an artifact, beside the true ones. */
export async function tryForgery(
  job: PointJob,
  run: { iteration: number; files: Files; dir: string; signal: AbortSignal },
  target: ForgeryTarget,
): Promise<ForgeryTrial> {
  const forgery = job.prover.tamper?.[target]
  if (!forgery) return { target, result: 'not_applicable' }
  const dir = join(run.dir, `forged-${target}`)
  const forged = await forge(job, forgery, run.files, dir).catch((error: unknown) => String(error))
  if (typeof forged === 'string') return { target, result: 'inconclusive', why: forged }
  const { outcome } = await runPhaseProcess(job, { ...run, phase: 'verify', dir, files: forged })
  return { target, ...judgeVerdict(outcome, job.prover.verifyExit ?? DEFAULT_EXIT) }
}

/** The files with a forged copy of one of them. */
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

/** Only an exit code that stands for it is a verdict: a crash or a timeout rejects nothing. */
function judgeVerdict(
  { return_code, signal, status }: ProcessOutcome,
  { accepted, rejected }: VerifyExit,
): Pick<ForgeryTrial, 'result' | 'why'> {
  const ended = status === 'ok' || status === 'failed'
  if (ended && return_code !== null && accepted.includes(return_code)) return { result: 'accepted' }
  if (ended && return_code !== null && rejected.includes(return_code)) return { result: 'rejected' }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${return_code}`
  return { result: 'inconclusive', why: ended ? `verify ${how}` : `verify ended as ${status}` }
}
