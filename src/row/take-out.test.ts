import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { appendRow, takeOutRows } from './write.ts'
import { collectRows } from '../../fixtures/collect-rows.ts'

const LINES = [
  '{"phase":"compile","point":"ünï-模型-✓","iteration":1}',
  '{"phase":"prove","status":"cancelled","point":"ünï","iteration":1}',
  'not a row at all {"status":"cancelled"}',
  '',
  '  {"phase":"prove","status":"cancelled","iteration":2}  ',
  '{"phase":"verify","iteration":1}',
]

test('rows that are taken stand in the side file, all others stay where they were', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'provemark-take-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const [file, side] = [join(dir, 'rows.jsonl'), join(dir, 'rows.jsonl.retried')]
  const before = `${LINES.join('\n')}\n{"phase":"prove","sta`
  writeFileSync(file, before)
  expect(await takeOutRows(file, side, ({ status }) => status === 'cancelled')).toBe(2)
  expect(readFileSync(side, 'utf8')).toBe(`${LINES[1]}\n${LINES[4]}\n`)
  const after = readFileSync(file, 'utf8')
  expect(Buffer.byteLength(after)).toBe(Buffer.byteLength(before))
  expect(after.split('\n').map((line) => line.trim())).toEqual([
    LINES[0],
    '',
    LINES[2],
    '',
    '',
    LINES[5],
    '{"phase":"prove","sta',
  ])
  expect(await takeOutRows(file, side, ({ status }) => status === 'cancelled')).toBe(0)
  appendRow(file, { phase: 'prove', status: 'ok', iteration: 1 })
  const { rows } = await collectRows(file)
  expect(rows.map(({ phase, iteration }) => `${phase} ${iteration}`)).toEqual([
    'compile 1',
    'verify 1',
    'prove 1',
  ])
})

const TAKE_OUT = `
import { takeOutRows } from '${join(import.meta.dirname, 'write.ts')}'
await takeOutRows(process.argv[1], process.argv[2], () => true).catch(({ code }) => console.log(code))`

test('a side file that takes only a part of the rows leaves all of them where they were', () => {
  const dir = mkdtempSync(join(tmpdir(), 'provemark-take-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const [file, side] = [join(dir, 'rows.jsonl'), join(dir, 'rows.jsonl.retried')]
  const row = `{"phase":"prove","status":"cancelled","point":"${'x'.repeat(1000)}"}\n`
  writeFileSync(file, row.repeat(40))
  // 16 blocks of 512 or 1,024 bytes: behaves like a disk with that much space left.
  const limited = `ulimit -f 16; exec "$0" --input-type=module-typescript -e "$@"`
  const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, TAKE_OUT, file, side])
  expect(String(stdout).trim()).toBe('FILE_UNWRITABLE')
  expect(readFileSync(file, 'utf8')).toBe(row.repeat(40))
})

test('a row does not run into a piece that a kill left in the side file', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'provemark-take-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const [file, side] = [join(dir, 'rows.jsonl'), join(dir, 'rows.jsonl.retried')]
  writeFileSync(file, '{"phase":"prove"}\n')
  writeFileSync(side, '{"phase":"ver')
  await takeOutRows(file, side, () => true)
  expect((await collectRows(side)).rows).toEqual([{ phase: 'prove' }])
})
