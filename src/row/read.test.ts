import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, constantFrom, json, nat, oneof, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { ProvemarkError } from '../errors.ts'
import { summarizeRows } from './summary.ts'
import { MAX_LINE_BYTES } from './lines.ts'
import { collectRows } from '../../fixtures/collect-rows.ts'
import { parseRow } from './read.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/rows/${name}`, import.meta.url))

function writeTemporary(content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'provemark-rows-')), 'rows.jsonl')
  writeFileSync(path, content)
  return path
}

test('reads every field of rows of jst bench', async () => {
  const { rows, problems } = await collectRows(fixture('reference.jsonl'))
  expect(problems).toEqual([])
  expect(rows.map(({ phase, time_s }) => [phase, time_s])).toEqual([
    ['compile', 0.9907],
    ['witness', 0.0682],
    ['prove', 1.3513],
    ['verify', 1.3339],
  ])
  expect(rows[0]?.ecc?.['totalCost']).toBe(23521323)
})

test('reads several files in order', async () => {
  const { rows } = await collectRows([fixture('reference.jsonl'), fixture('sweep.jsonl')])
  expect(rows).toHaveLength(20)
  expect(rows[4]?.point).toBe('depth_d1')
})

test('tells file and line of what is no row, and hides no good one', async () => {
  const path = writeTemporary(
    '\uFEFF{"phase":"compile"}\r\n\n{"phase":"setup"}\nno json\n{"phase":"prove","time_s":NaN}\n{"phase":"prove"}\n{"phase":"ver',
  )
  const { rows, problems } = await collectRows(path)
  expect(rows.map(({ phase }) => phase)).toEqual(['compile', 'prove'])
  expect(problems.map(({ file, line, error }) => [file === path, line, error.code])).toEqual(
    [3, 4, 5, 7].map((line) => [true, line, 'ROWS_UNREADABLE']),
  )
  expect(problems[0]?.error.message).toContain('phase')
  expect(problems[3]?.error.message).toContain('torn')
})

test('times, memory and sizes below zero are no measurement', async () => {
  for (const field of ['time_s', 'mem_mb', 'proof_size_bytes']) {
    expect(() => parseRow(`{"phase":"prove","${field}":-1}`)).toThrow(field)
  }
  expect(parseRow('{"phase":"prove","return_code":-9}').return_code).toBe(-9)
})

test('a line without end is passed over, the rows behind it are read', async () => {
  const endless = Buffer.alloc(3 * MAX_LINE_BYTES, '{')
  const path = writeTemporary(
    Buffer.concat([Buffer.from('{"phase":"compile"}\n'), endless, Buffer.from('\n{"phase":"verify"}')]),
  )
  const { rows, problems } = await collectRows(path)
  expect(rows.map(({ phase }) => phase)).toEqual(['compile', 'verify'])
  expect(problems.map(({ line, error }) => [line, error.hint !== undefined])).toEqual([[2, true]])
})

test('characters that lie across two pieces of a file stay whole', async () => {
  const row = `{"phase":"prove","point":"${'é'.repeat(150_001)}"}\n`
  const { rows, problems } = await collectRows(writeTemporary(row.repeat(3)))
  expect(problems).toEqual([])
  expect(rows.map(({ point }) => point)).toEqual(Array.from({ length: 3 }, () => 'é'.repeat(150_001)))
})

test('says why a file cannot be read', async () => {
  await expect(collectRows('/no/such.jsonl')).rejects.toThrow(
    expect.objectContaining({ code: 'ROWS_UNREADABLE', message: expect.stringContaining('no such file') }),
  )
  await expect(collectRows(tmpdir())).rejects.toThrow(/folder/)
})

const LINES = [
  '{"phase":"prove","time_s":1.5,"mem_mb":3,"ecc":{"totalCost":5},"params":{"a":1},"status":"ok"}',
]
const mutation = record({
  line: constantFrom(
    ...LINES,
    '{"phase":"compile","__proto__":{"polluted":1},"constructor":{"prototype":{}}}',
  ),
  at: nat(120),
  remove: nat(12),
  insert: oneof(
    string({ maxLength: 12 }),
    constantFrom('__proto__', '1e999', '-0', '[[[[', '{"a":', '\\ud800', '\u0000', '[31m', 'null'),
    json(),
  ),
})

function tryToSummarize(text: string): unknown {
  try {
    return JSON.stringify(summarizeRows([parseRow(text)]))
  } catch (error) {
    return error
  }
}

test('whatever a line holds, it is a row or a typed error, and a row has a summary', () => {
  const numRuns = Number(process.env['PROVEMARK_TEST_FUZZ'] ?? 2000)
  assert(
    property(mutation, ({ line, at, remove, insert }) => {
      const text = line.slice(0, at) + insert + line.slice(at + remove)
      const outcome = tryToSummarize(text)
      expect(outcome).toSatisfy(
        (own) => typeof own === 'string' || (own instanceof ProvemarkError && own.hint !== undefined),
      )
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    }),
    { numRuns, seed: 20261123 },
  )
}, 600_000)

test('deep nesting is no way to exhaust the stack', () => {
  const deep = `{"phase":"prove","params":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
  expect(summarizeRows([parseRow(deep)])).toHaveLength(1)
})

test.each([
  ['{\n  "version": 1,\n  "points": []\n}', 'one JSON object with version, points, over several lines'],
  [
    '\uFEFF[\n  {"phase":"prove"},\n  {"phase":"prove"}\n]\n',
    'one JSON array of 2 elements, over several lines',
  ],
])('a file that is all one JSON value is told as that: %j', async (text, expected) => {
  const path = writeTemporary(text)
  await expect(collectRows(path)).rejects.toThrow(`${path} is ${expected}: expected one row per line`)
})

test.each(['[{"phase":"prove"}]', '{"version":1,"points":[]}', '5', 'no json'])(
  'what is not the beginning of a row is not called torn: %s',
  async (text) => {
    const { problems } = await collectRows(writeTemporary(`{"phase":"prove"}\n${text}`))
    expect(problems.map(({ line }) => line)).toEqual([2])
    expect(problems[0]?.error.message).toMatch(/^not (JSON|a row): /)
  },
)
