import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { digestFile } from '../lib/files.ts'
import { phasesOfProcess, type Prover } from '../prover/contract.ts'
import type { Phase } from '../row/schema.ts'

/** Absolute paths of the artifacts that a phase writes, by name, in the iteration's folder. */
export function pathsOfWrites(prover: Prover, phase: Phase, dir: string): Record<string, string> {
  return Object.fromEntries(
    writesOf(prover, phase).map((name) => {
      const artifact = prover.artifacts[name]
      if (artifact) return [name, join(dir, artifact.file)]
      const message = `prover ${prover.name}: ${phase} writes ${name}, which is not an artifact`
      throw new ProvemarkError('CONFIG_INVALID', message, { hint: `add ${name} to the prover's artifacts` })
    }),
  )
}

/** The same, for all phases that run in the process of a phase. */
export function pathsOfProcess(prover: Prover, phase: Phase, dir: string): Record<string, string> {
  const paths = phasesOfProcess(prover, phase).map((own) => pathsOfWrites(prover, own, dir))
  return Object.assign({}, ...paths) as Record<string, string>
}

function writesOf({ phases }: Prover, phase: Phase): readonly string[] {
  return phases[phase]?.writes ?? []
}

/** Sizes of the artifacts for a phase's row, as `NAME_size_bytes`, and the names of the missing ones. */
export async function sizeArtifacts(
  prover: Prover,
  phase: Phase,
  files: Readonly<Record<string, string>>,
): Promise<{ sizes: Record<string, number>; missing: string[] }> {
  // A verify row shows the size of the proof that it checked, as in `jst bench`.
  const checked = phase === 'verify' && prover.artifacts['proof'] ? ['proof'] : []
  const sizes: Record<string, number> = {}
  const missing: string[] = []
  for (const name of [...checked, ...writesOf(prover, phase)]) {
    const bytes = await measureArtifact(files[name] ?? '')
    if (bytes === undefined) missing.push(name)
    else sizes[`${name}_size_bytes`] = bytes
  }
  return { sizes, missing }
}

/** Bytes of a file, or of all files in a folder; undefined if the path does not exist. */
export async function measureArtifact(path: string): Promise<number | undefined> {
  const files = await filesOf(path)
  const sizes = files && (await Promise.all(files.map(async (file) => (await stat(file)).size)))
  return sizes?.reduce((total, size) => total + size, 0)
}

/** SHA-256 of a file, or of the names and digests of all files in a folder, hex; null if the path does not exist. */
export async function digestArtifact(path: string): Promise<string | null> {
  const files = await filesOf(path)
  if (!files) return null
  if (files[0] === path) return digestFile(path)
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`${await digestFile(file)}  ${relative(path, file).replaceAll('\\', '/')}\n`)
  }
  return hash.digest('hex')
}

/** The path of a file, or those of all files in a folder; undefined if the path does not exist. */
export async function filesOf(path: string): Promise<string[] | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isDirectory() ? listFiles(path) : stats && [path]
}

/** Absolute paths of all files in a folder and its subfolders, in alphabetical order. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
}
