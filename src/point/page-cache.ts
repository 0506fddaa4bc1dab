import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { settleFiles, whyNotSettled } from '../process/page-cache.ts'
import { asksService, type Files, type Prover } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import { listFiles } from './artifacts.ts'
import type { RowError } from './phase-row.ts'
import type { PointJob } from './point.ts'

/**
 * Checks that the run's folder can be had in the state that the plan asks for, before anything is measured.
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

/** What a row says of the page cache before its phase, or why the phase cannot run. */
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

/** All files that a phase reads, and those that the service reads which it asks. */
async function listReads({ phases, service }: Prover, phase: Phase, files: Files): Promise<string[]> {
  const spec = phases[phase]!
  const names = new Set([...spec.reads, ...(asksService(spec) ? (service?.reads ?? []) : [])])
  // What it writes may be among what nobody said it reads.
  const paths = [...names].flatMap((name) => (spec.writes.includes(name) ? [] : (files[name] ?? [])))
  const found = paths.map(async (path) => {
    const stats = await stat(path).catch(() => undefined)
    if (!stats) return []
    return stats.isDirectory() ? listFiles(path) : [path]
  })
  return (await Promise.all(found)).flat()
}
