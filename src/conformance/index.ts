import '../require-node.ts'
import { rm } from 'node:fs/promises'
import type { PointJob } from '../point/point.ts'
import { checkCancel } from './cancel.ts'
import { checkBadFile, checkParsing } from './damage.ts'
import {
  checkArtifacts,
  checkCounters,
  checkDeterminism,
  checkForgery,
  checkOutput,
  checkPhases,
  checkTimes,
  type Check,
} from './run-checks.ts'
import { openSubject, runHonestly, type HonestRun, type SubjectOptions } from './subject.ts'

export type { Check } from './run-checks.ts'

/** The requirements for a prover, by name; `run` is an honest run on the tiny workload, made on first use. */
const CHECKS = {
  phases: async ({ prover }, run) => checkPhases(prover, await run()),
  artifacts: async ({ prover }, run) => checkArtifacts(prover, await run()),
  counters: async ({ prover }, run) => checkCounters(prover, await run()),
  times: async (_, run) => checkTimes(await run()),
  determinism: async ({ prover }, run) => checkDeterminism(prover, await run()),
  forged_proof: async ({ prover }, run) => checkForgery(prover, await run(), 'proof'),
  forged_output: async ({ prover }, run) => checkForgery(prover, await run(), 'output'),
  proved_output: async ({ prover }, run) => checkOutput(prover, await run()),
  bad_model: async (job, run) => checkBadFile(job, await run(), 'model'),
  bad_input: async (job, run) => checkBadFile(job, await run(), 'input'),
  cancel: async (job, run) => checkCancel(job, await run()),
  parsing: ({ prover }) => checkParsing(prover),
} satisfies Record<string, (job: PointJob, run: () => Promise<HonestRun>) => Promise<Check>>

export type CheckName = keyof typeof CHECKS

export interface ConformanceOptions extends SubjectOptions {
  /** Run only these checks. */
  only?: readonly CheckName[]
}

export interface ConformanceReport {
  prover: { name: string; version: string }
  checks: (Check & { check: CheckName })[]
  /** `what: detail` of each check that failed; empty if the prover conforms. */
  failures: string[]
}

/**
 * Checks on a tiny workload whether a prover does what every prover must do:
 * `expect((await checkConformance('./my-prover.ts')).failures).toEqual([])`.
 * @param spec as in `provers`: a name, the path of a module, `NAME,bin=PATH,KEY=VALUE`
 * @throws ProvemarkError if the prover cannot be loaded or found
 */
export async function checkConformance(
  spec: string,
  { only, ...options }: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const { job, dir } = await openSubject(spec, options)
  try {
    let honest: Promise<HonestRun> | undefined
    const checks: ConformanceReport['checks'] = []
    for (const check of only ?? (Object.keys(CHECKS) as CheckName[])) {
      checks.push({ check, ...(await CHECKS[check](job, () => (honest ??= runHonestly(job)))) })
    }
    const failed = checks.filter(({ result }) => result === 'failed')
    return {
      prover: { name: job.prover.name, version: job.planned.located.version },
      checks,
      failures: failed.map(({ what, detail }) => `${what}: ${detail}`),
    }
  } finally {
    await job.session?.close()
    await rm(dir, { recursive: true, force: true })
  }
}
