import { createHash, randomUUID } from 'node:crypto'
import { canonicalJson } from '../row/json.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that all jobs of one CI run or job array share, nearest first. */
const SHARED_BY = {
  slurm: 'SLURM_ARRAY_JOB_ID',
  github: 'GITHUB_RUN_ID',
  gitlab: 'CI_PIPELINE_ID',
  buildkite: 'BUILDKITE_BUILD_ID',
  circleci: 'CIRCLE_WORKFLOW_ID',
  azure: 'BUILD_BUILDID',
  jenkins: 'BUILD_TAG',
}

/** What the id of a run may be: it names a folder, too. */
export const RUN_ID = /^\w[\w.-]{0,99}$/

interface RunIdSources {
  /** What the user said. */
  given: string | undefined
  /** Whether the run is one shard of a run. */
  sharded: boolean
  /** What all shards of a run have in common: its plan. */
  identity: unknown
  /** Git commit, which tells the base of a change from its head in one CI run. */
  commit: string | null | undefined
  env?: Environment
}

interface RunId {
  id: string
  /** Whether the other shards of the run have the same id. */
  shared: boolean
}

/**
 * The id of a run. Shards take the id of the CI run or the job array that they are part of; a whole run never does,
 * since two runs in one CI job (the base and the head of a change, say) are two runs.
 */
export function chooseRunId({ given, sharded, identity, commit, env = process.env }: RunIdSources): RunId {
  if (given) return { id: given, shared: true }
  const [engine, variable] = Object.entries(SHARED_BY).find(([, name]) => env[name]) ?? []
  if (!sharded || !engine || !variable) return { id: randomUUID(), shared: false }
  // Tasks of an array wait for hours, and the working folder may move on meanwhile: the array is one run all the same.
  const whole = engine === 'slurm' ? [identity] : [identity, commit ?? null]
  const digest = createHash('sha256').update(canonicalJson(whole)).digest('hex').slice(0, 8)
  const id = env[variable]!.replaceAll(/[^\w.-]/g, '-')
  return { id: `${engine}-${id}-${digest}`, shared: true }
}
