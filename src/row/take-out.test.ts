import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { collectRows } from './collect.ts'
import { appendRow } from './jsonl.ts'
import { takeOutRows } from './take-out.ts'

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
