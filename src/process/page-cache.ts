import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findMonitor } from './find-monitor.ts'
import { settlePages } from './run-monitored.ts'

/** Largest share of the pages that may be in the other state. */
const TOLERATED = 0.01

/** What the files are in, or why the state cannot be had. */
export type SettledFiles =
  | { state: 'cold' | 'warm' | 'partial'; warning?: string }
  | { refused: string; why: string }

/**
 * Puts files into the page cache, or takes them out, where the next process is run, and checks it. Needs the monitor.
 */
export async function settleFiles(
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
export async function whyNotSettled(
  folder: string,
  launcher?: readonly string[],
): Promise<string | undefined> {
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
