import { createHash, randomUUID } from 'node:crypto'
import { canonicalJson } from '../row/json.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that all jobs of one CI run or job array share, the most specific first. */
const SHARED_BY = {
  slurm: 'SLURM_ARRAY_JOB_ID',
  github: 'GITHUB_RUN_ID',
  gitlab: 'CI_PIPELINE_ID',
  buildkite: 'BUILDKITE_BUILD_ID',
  circleci: 'CIRCLE_WORKFLOW_ID',
  azure: 'BUILD_BUILDID',
  jenkins: 'BUILD_TAG',
}

/** Valid run ids; they are also folder names. */
export const RUN_ID = /^\w[\w.-]{0,99}$/

interface RunIdSources {
  /** The id that the user gave. */
  given: string | undefined
  /** Whether this is one shard of a run. */
  sharded: boolean
  /** What all shards of a run share: its plan. */
  identity: unknown
  /** Git commit, which separates the base of a change from its head within one CI run. */
  commit: string | null | undefined
  env?: Environment
}

interface RunId {
  id: string
  /** Whether the other shards of the run get the same id. */
  shared: boolean
}

/**
 * Chooses the id of a run. Shards use the id of their CI run or job array. An unsharded run never does, since one CI
 * job may do two runs, such as the base and the head of a change.
 */
export function chooseRunId({ given, sharded, identity, commit, env = process.env }: RunIdSources): RunId {
  if (given) return { id: given, shared: true }
  const [engine, variable] = Object.entries(SHARED_BY).find(([, name]) => env[name]) ?? []
  if (!sharded || !engine || !variable) return { id: randomUUID(), shared: false }
  // Tasks of an array may wait for hours while the working folder changes, but the array is still one run.
  const whole = engine === 'slurm' ? [identity] : [identity, commit ?? null]
  const digest = createHash('sha256').update(canonicalJson(whole)).digest('hex').slice(0, 8)
  const id = env[variable]!.replaceAll(/[^\w.-]/g, '-')
  return { id: `${engine}-${id}-${digest}`, shared: true }
}
