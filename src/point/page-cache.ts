import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { findMonitor } from '../process/monitor-client.ts'
import { settlePages } from '../process/run-monitored.ts'
import { asksService, type Files, type Prover } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import { filesOf } from './artifacts.ts'
import type { RowError } from './phase-row.ts'
import type { PointJob } from './point.ts'

/**
 * Checks, before anything is measured, that the run's folder can be brought into the state that the plan asks for.
 * @throws ProvemarkError PAGE_CACHE_UNAVAILABLE
 */
export async function requirePageCache({ run_id, options }: Plan): Promise<void> {
  const { page_cache, work_dir, launcher } = options
  if (page_cache === 'as-is') return
  const why = await whyNotSettled(join(work_dir, run_id), launcher)
  if (why === undefined) return
  const { code, message, hint } = unavailable(page_cache, why)
  throw new ProvemarkError(code, message, { hint })
}

const unavailable = (state: string, why: string) => ({
  code: 'PAGE_CACHE_UNAVAILABLE' as const,
  message: `--page-cache ${state}: ${why}`,
  hint: 'keep artifacts (--work-dir), models and inputs on a disk such as ext4 or xfs, run on Linux with the monitor, or leave out --page-cache',
})

/** What a row says about the page cache before its phase, or why the phase cannot run. */
type Settled = { fields: Pick<Row, 'page_cache'>; warnings: string[] } | { refused: RowError }

/** Puts all files that a phase reads into the state that the plan asks for. */
export async function settleReads({ plan, prover }: PointJob, phase: Phase, files: Files): Promise<Settled> {
  const { page_cache, launcher } = plan.options
  if (page_cache === undefined || page_cache === 'as-is') return { fields: {}, warnings: [] }
  const settled = await settleFiles(page_cache, await listReads(prover, phase, files), launcher)
  if ('refused' in settled) return { refused: unavailable(page_cache, `${settled.refused}: ${settled.why}`) }
  const { state, warning } = settled
  return { fields: { page_cache: state }, warnings: warning ? [warning] : [] }
}

/** All files that a phase reads, including those that the service behind it reads. */
async function listReads({ phases, service }: Prover, phase: Phase, files: Files): Promise<string[]> {
  const spec = phases[phase]!
  const names = new Set([...spec.reads, ...(asksService(spec) ? (service?.reads ?? []) : [])])
  // If the author did not say what it reads, its own artifacts may be listed.
  const paths = [...names].flatMap((name) => (spec.writes.includes(name) ? [] : (files[name] ?? [])))
  const found = await Promise.all(paths.map(filesOf))
  return found.flatMap((own) => own ?? [])
}

/** The largest share of the pages that may be in the wrong state. */
const TOLERATED = 0.01

/** The state of the files, or why they cannot be brought into it. */
type SettledFiles =
  | { state: 'cold' | 'warm' | 'partial'; warning?: string }
  | { refused: string; why: string }

/**
 * Puts files into the page cache, or takes them out, on the machine of the next process, and checks the result. Needs
 * the monitor.
 */
async function settleFiles(
  state: 'cold' | 'warm',
  files: readonly string[],
  launcher?: readonly string[],
): Promise<SettledFiles> {
  const monitor = await findMonitor()
  if ('missing' in monitor)
    return { refused: 'the page cache', why: `only the monitor sees to it: ${monitor.missing}` }
  const request = { pages: { state, files: [...new Set(files)] } }
  const settled = await settlePages(monitor, launcher, request).catch((error: unknown) => error as Error)
  if (settled instanceof Error) return { refused: 'the monitor', why: settled.message }
  const { pages, wrong, refused, why } = settled
  if (refused !== undefined) return { refused, why: why ?? '' }
  if (wrong <= pages * TOLERATED) return { state }
  const share = `${Math.ceil((wrong / pages) * 100)} % of what it reads`
  const how = state === 'cold' ? 'stayed in the page cache' : 'did not stay in the page cache'
  return { state: 'partial', warning: `PAGE_CACHE_PARTIAL: ${share} ${how}` }
}

const PROBE_BYTES = 2 ** 20

/** Why files of a folder cannot be taken out of the page cache; undefined if they can. */
async function whyNotSettled(folder: string, launcher?: readonly string[]): Promise<string | undefined> {
  const own = await mkdtemp(join(folder, 'page-cache-'))
  try {
    const probe = join(own, 'probe')
    await writeFile(probe, Buffer.alloc(PROBE_BYTES, 1))
    const found = await settleFiles('cold', [probe], launcher)
    if ('refused' in found) return found.refused === probe ? `${folder}: ${found.why}` : found.why
    return found.state === 'cold' ? undefined : `${folder}: its filesystem keeps files in memory`
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}
