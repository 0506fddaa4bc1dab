import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import { formatRow } from '../row/write.ts'
import type { Row } from '../row/schema.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

async function mergeIn(dir: string, ...args: string[]) {
  return execa(process.execPath, [CLI, 'merge', ...args], { cwd: dir, reject: false, env: { NO_COLOR: '1' } })
}

async function writeRows(dir: string, name: string, rows: readonly Row[]) {
  await writeFile(join(dir, name), rows.map((row) => formatRow(row)).join(''))
}

const rows = [...makeSweepRows({ depths: [1, 2], sides: [] })].map((row) => ({ ...row, run_id: 'r' }))
const shardOf = (index: number) =>
  rows
    .filter(({ point }) => (point === rows[0]!.point) === (index === 1))
    .map((row) => ({ ...row, shard: { index, count: 2, points: 2, split: 'x' } }))

test('each row once, in the order of the files; the card of the whole', async () => {
  const dir = await temporaryFolder()
  await writeRows(dir, 'a.jsonl', shardOf(1))
  await writeRows(dir, 'b.jsonl', [...shardOf(2), ...shardOf(1).slice(0, 3)])
  const { exitCode, stdout, stderr } = await mergeIn(dir, 'a.jsonl', 'b.jsonl', '-o', 'deep/all.jsonl')
  expect(await readFile(join(dir, 'deep/all.jsonl'), 'utf8')).toBe(
    [...shardOf(1), ...shardOf(2)].map((row) => formatRow(row)).join(''),
  )
  expect(stdout).toContain(`run r · 2 points · ${rows.length} rows ok`)
  expect(stdout).toContain(`deep/all.jsonl: ${rows.length} rows of 2 files, 3 repeated ones left out`)
  expect([exitCode, stderr]).toEqual([0, ''])
})

test('a missing shard ends with 2, unless it is allowed', async () => {
  const dir = await temporaryFolder()
  await writeRows(dir, 'a.jsonl', shardOf(1))
  const { exitCode, stderr } = await mergeIn(dir, 'a.jsonl', '-o', 'all.jsonl')
  expect(stderr).toContain('run r: no row of shard 2/2')
  expect(exitCode).toBe(2)
  expect((await mergeIn(dir, 'a.jsonl', '-o', 'all.jsonl', '--force', '--allow-missing')).exitCode).toBe(0)
})

test('shards that were split in different ways are no whole', async () => {
  const dir = await temporaryFolder()
  await writeRows(dir, 'a.jsonl', shardOf(1))
  await writeRows(
    dir,
    'b.jsonl',
    shardOf(2).map((row) => ({ ...row, shard: { ...row.shard, split: 'y' } })),
  )
  const { exitCode, stderr } = await mergeIn(dir, 'a.jsonl', 'b.jsonl', '-o', 'all.jsonl')
  expect(stderr).toContain('shards 1/2, 2/2 were split in different ways')
  expect(exitCode).toBe(2)
})

test('an iteration that two files tell differently is refused, and nothing is written', async () => {
  const dir = await temporaryFolder()
  await writeRows(dir, 'a.jsonl', rows)
  await writeRows(
    dir,
    'b.jsonl',
    rows.map((row) => ({ ...row, time_s: (row.time_s ?? 0) + 1 })),
  )
  const { exitCode, stderr } = await mergeIn(dir, 'a.jsonl', 'b.jsonl', '-o', 'all.jsonl')
  expect(stderr).toContain(`ROWS_CONFLICT: ${rows.length} measured twice in one run`)
  expect(stderr).toContain(
    `${rows[0]!.point} compile 1 of run r: in a.jsonl and, with other figures, in b.jsonl`,
  )
  expect(exitCode).toBe(2)
  await expect(readFile(join(dir, 'all.jsonl'))).rejects.toThrow('ENOENT')
})

test('what was cancelled and resumed elsewhere is no conflict, and other runs are kept apart', async () => {
  const dir = await temporaryFolder()
  const [first] = rows as [Row, ...Row[]]
  await writeRows(dir, 'a.jsonl', [{ ...first, status: 'cancelled', return_code: null }])
  await writeRows(dir, 'b.jsonl', [first, { ...first, run_id: 'later', time_s: 9 }])
  const { exitCode, stderr } = await mergeIn(dir, 'a.jsonl', 'b.jsonl', '-o', 'all.jsonl')
  expect(stderr).toContain('2 runs (r, later): summary and gate take the last')
  expect(exitCode).toBe(0)
})

test('a damaged line is named and does not pass', async () => {
  const dir = await temporaryFolder()
  await writeRows(dir, 'a.jsonl', rows)
  await writeFile(join(dir, 'b.jsonl'), '{"phase":"pro')
  const { exitCode, stderr } = await mergeIn(dir, 'a.jsonl', 'b.jsonl', '-o', 'all.jsonl')
  expect(stderr).toContain('b.jsonl:1: ROWS_UNREADABLE: the last line is torn')
  expect(exitCode).toBe(2)
})

test('an output file that is there, or is one of the files, is not touched', async () => {
  const dir = await temporaryFolder()
  await writeRows(dir, 'a.jsonl', rows)
  await writeFile(join(dir, 'all.jsonl'), 'mine')
  expect((await mergeIn(dir, 'a.jsonl', '-o', 'all.jsonl')).stderr).toContain(
    'FILE_EXISTS: all.jsonl already exists',
  )
  expect(await readFile(join(dir, 'all.jsonl'), 'utf8')).toBe('mine')
  expect((await mergeIn(dir, 'a.jsonl', '-o', './a.jsonl')).stderr).toContain('is one of the files to merge')
  expect((await mergeIn(dir, 'a.jsonl')).exitCode).toBe(2)
})
