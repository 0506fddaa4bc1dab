import { createHash } from 'node:crypto'
import { canonicalJson } from '../../row/canonical-json.ts'
import type { LocatedProver, Prover, Settings } from '../../prover/contract.ts'
import type { PointJob } from '../job.ts'
import type { Materials } from '../materials.ts'

/** Grows when entries of older versions can no longer be used. */
const FORMAT = 2

/**
 * Digest of everything that a compile depends on: equal keys mean equal circuits. Undefined where that cannot be
 * known: two builds of a prover without a digest look alike, and so does a script whose modules changed.
 */
export function circuitKeyOf(
  { point, prover, planned: { located, settings } }: PointJob,
  materials: Materials,
): string | undefined {
  const { version, sha256, variant, mayCache = true } = located
  if (!sha256 || !mayCache) return undefined
  const command = describeCommand(prover, located, settings)
  if (command === undefined) return undefined
  const readsInput = prover.phases.compile.reads.includes('input')
  const key = canonicalJson({
    format: FORMAT,
    model: materials.model_sha256,
    ...(point.dims ? { dims: point.dims } : {}),
    input: readsInput ? materials.input_sha256 : null,
    prover: { name: prover.name, version, sha256, variant },
    settings,
    command,
  })
  return createHash('sha256').update(key).digest('hex')
}

/**
 * The command line of compile with names in place of its files: another flag is another circuit. Null for a function;
 * undefined for a command that is made of what its files hold.
 */
function describeCommand(
  { phases: { compile } }: Prover,
  located: LocatedProver,
  settings: Settings,
): unknown {
  if (!('command' in compile)) return null
  const names = [...compile.reads, ...compile.writes]
  const files = Object.fromEntries(names.map((name) => [name, `{${name}}`]))
  try {
    const { args, env = {} } = compile.command({ files, settings, located })
    return { args, env }
  } catch {
    return undefined
  }
}
