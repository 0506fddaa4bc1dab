import { appendFileSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import type { RowProblem } from './read.ts'
import type { Row } from './schema.ts'
import { foldFiles, foldInThread, splitFile } from './fold-files.ts'
import { foldRows } from './series.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-fold-'))

/** A file large enough to be split between threads, whose rows differ in everything that may differ. */
function writeLargeFile(name: string): { file: string; rows: Row[] } {
  const file = join(folder, name)
  const rows = [...makeSweepRows({ runs: 4, iterations: 90, provers: ['gnark', 'ezkl'], failure: true })]
  rows.forEach((row, i) => {
    row.tmpdir = '/tmp/'.padEnd(900, 'x')
    if (i % 997 === 0) Object.assign(row, fail(i))
    if (i % 1009 === 0) row.warnings = [`warning ${i}`]
    if (row.phase === 'verify') row.controls = { proof: i % 10_007 === 0 ? 'accepted' : 'rejected' }
    if (row.phase === 'compile') row.circuit_sha256 = `${row.point} ${row.run_id}`
    if (row.phase === 'prove')
      Object.assign(row, { time_s_rust: row.time_s! * 2, mem_lower_bound: i > 20_000 })
  })
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return { file, rows }
}

const fail = (i: number): Partial<Row> => ({
  status: 'failed',
  return_code: i % 40,
  error: { code: 'PHASE_FAILED', message: `failed at ${i}` },
})

const POOLS = ['points', 'variants', 'runs'] as const

test('a file that several threads read gives the same as row by row, to the last digit', async () => {
  const { file, rows } = writeLargeFile('good.jsonl')
  expect(statSync(file).size).toBeGreaterThan(2 * 16 * 2 ** 20)
  for (const pool of POOLS) {
    // Internal state that nobody reads after the last row is not part of the result.
    const threaded = await foldFiles([file], { run: 'all', pool })
    expect(forget(threaded)).toEqual(forget(foldRows(rows, pool)))
  }
  const last = await foldFiles([file], { run: 'last', pool: 'points' })
  expect(last.rows).toBe(rows.length / 4)
})

test('a line that is no row is told with its number, whichever thread finds it', async () => {
  const { file, rows } = writeLargeFile('damaged.jsonl')
  appendFileSync(file, '{"phase":"prov')
  const problems: RowProblem[] = []
  const onProblem = (problem: RowProblem) => problems.push(problem)
  const found = await foldFiles([file], { run: 'all', pool: 'points', onProblem })
  expect(found.rows).toBe(rows.length)
  expect(problems.map(({ line, error }) => [line, error.code])).toEqual([
    [rows.length + 1, 'ROWS_UNREADABLE'],
  ])
})

test('a thread hands on what its part holds, and leaves a damaged part to others', async () => {
  const { file } = writeLargeFile('parts.jsonl')
  const sum = async (part: { from: number; to: number }) => {
    const thread = foldInThread({ pool: 'points', file, part, selection: 'all' })
    const result = await thread.result
    await thread.stop()
    return result && result.rows
  }
  expect(await sum({ from: 0, to: 100_000 })).toBeGreaterThan(50)
  appendFileSync(file, '{"phase":"prov')
  expect(await sum({ from: statSync(file).size - 100_000, to: Infinity })).toBeNull()
})

test('a small file, a folder and none are one part', async () => {
  const small = join(folder, 'small.jsonl')
  writeFileSync(small, '{"phase":"prove"}\n')
  for (const path of [small, folder, join(folder, 'none')]) {
    expect(await splitFile(path)).toEqual([{ from: 0, to: Infinity }])
  }
})

/** Drops the most recent contexts, which series keep only as a cache. */
function forget(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, replace))
}

function replace(key: string, value: unknown): unknown {
  if (/^last\w*Context$/.test(key)) return undefined
  if (value instanceof Map) return [...value]
  return value instanceof Set ? [...value] : value
}
