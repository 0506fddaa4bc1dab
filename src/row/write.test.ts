import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { appendRow, checkAppendable } from './write.ts'
import { collectRows } from '../../fixtures/collect-rows.ts'
import type { Row } from './schema.ts'
import type { MendedLine } from './lines.ts'

const newFile = (...name: string[]) =>
  join(mkdtempSync(join(tmpdir(), 'provemark-rows-')), ...name, 'rows.jsonl')

test('makes the folders, keeps what is there, and unknown fields survive', async () => {
  const path = newFile('deep', 'er')
  appendRow(path, { phase: 'prove', status: 'ok', time_s: 1.5, mine: { a: [1] } })
  appendRow(path, { phase: 'verify', status: 'ok', time_s: 0.5 }, { fsync: true })
  const { rows, problems } = await collectRows(path)
  expect(rows).toEqual([
    { phase: 'prove', status: 'ok', time_s: 1.5, mine: { a: [1] } },
    { phase: 'verify', status: 'ok', time_s: 0.5 },
  ])
  expect(problems).toEqual([])
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3)
})

test('refuses a row that is none, and leaves the file as it was', () => {
  const path = newFile()
  appendRow(path, { phase: 'prove' })
  const before = readFileSync(path, 'utf8')
  const wrong = { phase: 'prove', time_s: Number.NaN } as Row
  expect(() => appendRow(path, wrong)).toThrow(expect.objectContaining({ code: 'ROW_INVALID' }))
  expect(() => appendRow(path, { phase: 'setup' } as unknown as Row)).toThrow(/phase/)
  expect(readFileSync(path, 'utf8')).toBe(before)
})

test('says which file cannot be written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'provemark-rows-'))
  expect(() => appendRow(folder, { phase: 'prove' })).toThrow(
    expect.objectContaining({ code: 'FILE_UNWRITABLE', message: expect.stringContaining(folder) }),
  )
  expect(() => appendRow('/dev/full', { phase: 'prove' })).toThrow(
    expect.objectContaining({ code: 'FILE_UNWRITABLE' }),
  )
})

test('a torn last line goes to a side file with a message, and no good line is lost', async () => {
  const path = newFile()
  appendRow(path, { phase: 'compile', iteration: 1 })
  writeFileSync(path, '{"phase":"prove","time_s":1.', { flag: 'a' })
  const told: MendedLine[] = []
  appendRow(path, { phase: 'verify', iteration: 1 }, { onMended: (mended) => told.push(mended) })
  expect(told).toEqual([{ file: path, side_file: `${path}.torn`, bytes: 28 }])
  expect(readFileSync(`${path}.torn`, 'utf8')).toBe('{"phase":"prove","time_s":1.\n')
  const { rows, problems } = await collectRows(path)
  expect(rows.map(({ phase }) => phase)).toEqual(['compile', 'verify'])
  expect(problems).toEqual([])
})

test('a whole last line that lacks only its newline gets one', async () => {
  const path = newFile()
  appendRow(path, { phase: 'compile' })
  writeFileSync(path, '{"phase":"prove"}', { flag: 'a' })
  appendRow(path, { phase: 'verify' })
  expect((await collectRows(path)).rows.map(({ phase }) => phase)).toEqual(['compile', 'prove', 'verify'])
})

test('zeros that a loss of power left are mended; what is no row of ours is left alone', async () => {
  const path = newFile()
  appendRow(path, { phase: 'compile' })
  writeFileSync(path, Buffer.alloc(600), { flag: 'a' })
  appendRow(path, { phase: 'verify' })
  expect((await collectRows(path)).problems).toEqual([])
  const foreign = newFile()
  writeFileSync(foreign, 'my notes')
  appendRow(foreign, { phase: 'verify' })
  expect(readFileSync(foreign, 'utf8')).toBe('my notes\n{"phase":"verify"}\n')
})

const WRITER = fileURLToPath(new URL('../../fixtures/rows/append-until-killed.ts', import.meta.url))

/** Starts a process that appends rows and prints the number of each row once it has been appended. */
function startWriter(path: string, name: string) {
  const child = spawn(process.execPath, [WRITER, path, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const lastNumber = () => Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1))
  return { name, child, lastNumber }
}

test('a file that takes only a part of a row is an error, and is mended later', async () => {
  const path = newFile()
  appendRow(path, { phase: 'compile' })
  // 16 blocks of 512 or 1,024 bytes: behaves like a disk with that much space left.
  const limited = spawn('sh', ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, WRITER, path, 'full'])
  let stderr = ''
  limited.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = await once(limited, 'close')
  expect(code).toBe(1)
  expect(stderr).toContain('FILE_UNWRITABLE')
  const torn = await collectRows(path)
  expect(torn.problems).toHaveLength(1)
  appendRow(path, { phase: 'verify' })
  const { rows, problems } = await collectRows(path)
  expect(problems).toEqual([])
  expect(rows).toEqual([...torn.rows, { phase: 'verify' }])
})

test('processes killed at random while they append to one file lose no row and leave none torn', async () => {
  const path = newFile()
  const kills = Number(process.env['PROVEMARK_TEST_KILLS'] ?? 4)
  const appended = new Map<string, number>()
  for (let i = 0; i < kills; i += 2) {
    const writers = [`${i}`, `${i + 1}`].map((name) => startWriter(path, name))
    await Promise.all(writers.map(({ child }) => once(child.stdout, 'data')))
    for (const { name, child, lastNumber } of writers) {
      await new Promise((resolve) => setTimeout(resolve, (i * 7) % 40))
      child.kill('SIGKILL')
      await once(child, 'close')
      appended.set(name, lastNumber())
    }
  }
  appendRow(path, { phase: 'verify', point: 'last' })
  const { rows, problems } = await collectRows(path)
  expect(problems).toEqual([])
  for (const [name, last] of appended) {
    const numbers = new Set(rows.filter(({ point }) => point === name).map(({ iteration }) => iteration))
    expect(last).toBeGreaterThan(0)
    expect(Array.from({ length: last }, (_, i) => i + 1).filter((number) => !numbers.has(number))).toEqual([])
  }
}, 600_000)

test('what can be appended to or made passes, and nothing is made; all else is refused', () => {
  const dir = mkdtempSync(join(tmpdir(), 'provemark-append-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'rows.jsonl'), '')
  checkAppendable(join(dir, 'rows.jsonl'))
  checkAppendable(join(dir, 'a', 'b', 'rows.jsonl'))
  expect(readdirSync(dir)).toEqual(['rows.jsonl'])
  for (const path of [dir, join(dir, 'rows.jsonl', 'more.jsonl'), join(dir, 'rows.jsonl', 'a', 'b.jsonl')])
    expect(() => checkAppendable(path)).toThrow(expect.objectContaining({ code: 'FILE_UNWRITABLE' }))
})
