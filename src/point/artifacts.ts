import { join } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { Prover } from '../prover/contract.ts'
import type { Phase } from '../row/schema.ts'
import { measureArtifact } from './artifact-files.ts'

/** Absolute paths of the artifacts that a phase makes, by name, in the iteration's folder. */
export function pathsOfWrites(prover: Prover, phase: Phase, dir: string): Record<string, string> {
  return Object.fromEntries(
    prover.phases[phase].writes.map((name) => {
      const artifact = prover.artifacts[name]
      if (artifact) return [name, join(dir, artifact.file)]
      throw new ProvemarkError(
        'CONFIG_INVALID',
        `prover ${prover.name}: ${phase} writes ${name}, which is no artifact`,
        {
          hint: `add ${name} to the prover's artifacts`,
        },
      )
    }),
  )
}

/** Sizes of the artifacts that a phase's row shows, as `NAME_size_bytes`, and the names of those that are not there. */
export async function sizeArtifacts(
  prover: Prover,
  phase: Phase,
  files: Readonly<Record<string, string>>,
): Promise<{ sizes: Record<string, number>; missing: string[] }> {
  // The reference's verify row shows the size of the proof that it judged.
  const judged = phase === 'verify' && prover.artifacts['proof'] ? ['proof'] : []
  const names = [...judged, ...prover.phases[phase].writes]
  const found = await Promise.all(
    names.map(async (name) => ({ name, bytes: await measureArtifact(files[name] ?? '') })),
  )
  return {
    sizes: Object.fromEntries(
      found.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [[`${name}_size_bytes`, bytes]])),
    ),
    missing: found.flatMap(({ name, bytes }) => (bytes === undefined ? [name] : [])),
  }
}
