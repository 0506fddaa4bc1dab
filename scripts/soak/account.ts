import { readFile } from 'node:fs/promises'
import { collectRows } from '../../fixtures/collect-rows.ts'
import type { Row } from '../../src/row/schema.ts'

export interface Account {
  /** Processes in the prover's journal, and rows of phases that ran. */
  started: number
  ran: number
  rows: number
  statuses: Record<string, number>
  /** Starts without a row, and rows without a start whose phases ended by themselves. */
  missing: string[]
  unexplained: string[]
  unreadable: number
}

/** Compares the rows of a run with the journal in which every process of the prover has recorded its start. */
export async function accountFor(results: string, journal: string): Promise<Account> {
  const { rows, problems } = await collectRows(results)
  const ran = rows.filter(({ cmd }) => cmd?.length)
  const noted = countKeys((await readFile(journal, 'utf8')).trim().split('\n'))
  // We may end a process before it can record its start: by Ctrl+C, or at its timeout on a busy machine. A service may
  // have ended before a request reaches it.
  const ended = ran.filter(
    ({ status, error }) => status !== 'cancelled' && status !== 'timeout' && error?.code !== 'SERVICE_FAILED',
  )
  return {
    started: total(noted),
    ran: ran.length,
    rows: rows.length,
    statuses: countKeys(rows.map(statusOf)),
    missing: subtract(noted, countKeys(ran.map(startOf))),
    unexplained: subtract(countKeys(ended.map(startOf)), noted),
    unreadable: problems.length,
  }
}

/** A start in the journal. A process of several phases runs them in the folder of one iteration. */
function startOf({ phase, tmpdir, process: kind }: Row): string {
  return JSON.stringify([phase, kind === 'shared' ? kind : tmpdir])
}

function statusOf({ status }: Row): string {
  return status ?? 'none'
}

function countKeys(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
  return counts
}

function subtract(all: Record<string, number>, taken: Record<string, number>): string[] {
  return Object.keys(all).filter((key) => all[key]! > (taken[key] ?? 0))
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
