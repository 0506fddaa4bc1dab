import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathsOfWrites } from '../artifacts.ts'
import type { Lineage, Start } from '../lineage.ts'
import { copyInput, type PointFiles } from '../point-files.ts'
import type { PointJob } from '../point.ts'
import { asksService, isShared, type PhaseContext, type PhaseSpec } from '../../prover/contract.ts'
import { canonicalJson } from '../../row/json.ts'
import type { Row } from '../../row/schema.ts'
import { restoreCircuit, storeCircuit } from './files.ts'

/** The inputs of a compile, and its key; without a key it is not cached. */
interface CompileSource {
  circuitKey?: string | undefined
  start?: Start
  files?: PointFiles
}

/**
 * Restores a compile from the cache if it would run unrecorded; a compile that is measured always runs. Undefined if
 * it is not cached.
 */
export async function restoreCompile(
  { plan, point, prover, planned }: PointJob,
  { circuitKey, start, files: given }: CompileSource,
  { iteration, dir }: { iteration: number; dir: string },
): Promise<Lineage | undefined> {
  if (!circuitKey || !start || !given || !plan.options.circuit_cache_mb) return undefined
  const restored = await restoreCircuit(circuitKey, dir)
  if (restored === 'damaged')
    console.log(`${point.id}: the compiled circuit in the cache was damaged, and is rebuilt`)
  if (typeof restored === 'string') return undefined
  console.log(`${point.id}: takes the compiled circuit from the cache, since its compile is not measured`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const copy = await copyInput(prover, given, planned.settings, dir)
  const { circuit_sha256, extra } = restored
  const files = { ...start.files, ...copy, ...pathsOfWrites(prover, 'compile', dir) }
  return { iteration, status: 'ok', files, circuit_sha256, extra }
}

/** Stores a successful compile for later runs; a measured one only if that takes little of the run's time. */
export async function storeCompile(
  { plan, planned }: PointJob,
  { circuitKey }: CompileSource,
  { row, lineage, dir, isMeasured }: { row: Row; lineage: Lineage; dir: string; isMeasured: boolean },
): Promise<void> {
  if (!circuitKey || !plan.options.circuit_cache_mb || row.phase !== 'compile' || row.status !== 'ok') return
  const compiled = {
    dir,
    prover: { name: planned.name, version: planned.located.version },
    model: basename(row.model ?? ''),
    circuit_sha256: lineage.circuit_sha256,
    extra: { ...lineage.extra },
    timeS: isMeasured ? (row.time_s ?? 0) : null,
  }
  await storeCircuit(circuitKey, compiled, plan.options.circuit_cache_mb * 2 ** 20)
}

/** Incremented when entries of older versions can no longer be used. */
const FORMAT = 2

/**
 * Digest of everything that a compile depends on: equal keys mean equal circuits. Undefined if that cannot be known:
 * two builds of a prover without a digest look the same, and so does a script whose modules changed.
 */
export function circuitKeyOf(
  { point, prover, planned: { located, settings } }: PointJob,
  files: PointFiles,
): string | undefined {
  const { version, sha256, variant, mayCache = true } = located
  if (!sha256 || !mayCache) return undefined
  // A circuit's source may include files that provemark does not know about.
  if (!prover.phases.compile || point.workload !== undefined) return undefined
  // A process that goes on to prove cannot start from a cached circuit.
  if (isShared(prover.phases.compile)) return undefined
  const command = describeCommand(prover.phases.compile, { located, settings, params: point.params })
  if (command === undefined) return undefined
  const readsInput = prover.phases.compile.reads.includes('input')
  const key = canonicalJson({
    format: FORMAT,
    model: files.model_sha256,
    ...(point.dims ? { dims: point.dims } : {}),
    input: readsInput ? files.input_sha256 : null,
    prover: { name: prover.name, version, sha256, variant },
    settings,
    command,
  })
  return createHash('sha256').update(key).digest('hex')
}

/**
 * The command line of compile with names in place of its files: a different flag makes a different circuit. For a
 * function, the parameters of the point; undefined for a command that depends on the contents of its files.
 */
function describeCommand(compile: PhaseSpec, context: Omit<PhaseContext, 'files'>): unknown {
  if ('run' in compile) return { params: context.params }
  // A service may keep any state.
  if (asksService(compile) || !('command' in compile) || !compile.command) return undefined
  const names = [...compile.reads, ...compile.writes]
  const placeholders = Object.fromEntries(names.map((name) => [name, `{${name}}`]))
  try {
    const { args, env = {} } = compile.command({ ...context, files: placeholders })
    return { args, env }
  } catch {
    return undefined
  }
}
