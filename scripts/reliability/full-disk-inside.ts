/** Fills a small disk with rows and with artifacts, in a separate mount namespace. Started by full-disk.ts. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { collectRows } from '../../fixtures/collect-rows.ts'

const ROOT = join(import.meta.dirname, '../..')
const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4', '--no-lock']

const dir = await mkdtemp(join(tmpdir(), 'provemark-disk-'))
const elsewhere = await mkdtemp(join(tmpdir(), 'provemark-work-'))
await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir])

const PLACES = ['--onnx-dir', join(elsewhere, 'onnx'), '--inputs-dir', join(elsewhere, 'inputs')]

function bench(results: string, work: string, ...flags: string[]) {
  const own = ['--results', results, '--work-dir', work, '--circuit-cache-mb', '0']
  return execa('vitest', ['bench', 'depth', '--', ...own, ...PLACES, ...TINY, ...flags], {
    cwd: ROOT,
    preferLocal: true,
    localDir: ROOT,
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { NO_COLOR: '1' },
  })
}

// Rows until the disk is full: the run ends with 2 and prints the row that did not fit.
const results = join(dir, 'rows.jsonl')
const toy = ['--prover', './fixtures/provers/toy.ts', '--iterations', '40']
const full = await bench(results, elsewhere, ...toy)
assert.equal(full.exitCode, 2)
assert.match(full.all, /FILE_UNWRITABLE: cannot append a row/)
const printed = full.all.split('\n').filter((line) => line.startsWith('{"timestamp"'))
const kept = (await collectRows(results)).rows
console.log(`${kept.length} rows fitted on a disk of 64 KB, ${printed.length} were printed`)
assert.ok(kept.length > 10)
assert.ok(printed.length >= 1)
const keys = [...kept, ...printed.map((line) => JSON.parse(line) as (typeof kept)[number])].map(
  ({ phase, iteration }) => `${phase} ${iteration}`,
)
assert.equal(new Set(keys).size, keys.length)

// With space again, the run resumes: the torn line is repaired, and every row exists once.
await execa('mount', ['-o', 'remount,size=4m', dir])
const resumed = await bench(results, elsewhere, ...toy, '--resume')
assert.equal(resumed.exitCode, 0, resumed.all)
const { rows, problems } = await collectRows(results)
assert.deepEqual(problems, [])
assert.equal(rows.length, 160)
assert.equal(new Set(rows.map(({ phase, iteration }) => `${phase} ${iteration}`)).size, 160)

// Artifacts that fill the disk: the phase fails with a row, and what follows is skipped because the disk is full.
const big = ['--prover', './fixtures/provers/toy.ts,cost=1500000', '--iterations', '6']
const work = join(dir, 'work')
const crowded = await bench(join(elsewhere, 'rows.jsonl'), work, ...big, '--no-disk-guard')
const failed = (await collectRows(join(elsewhere, 'rows.jsonl'))).rows
console.log(`artifacts: ${failed.map(({ status, error }) => error?.code ?? status).join(' ')}`)
assert.equal(crowded.exitCode, 1)
assert.ok(failed.some(({ error }) => error?.tail?.includes('ENOSPC')))
assert.equal(failed.length, 24)
const guarded = await bench(join(elsewhere, 'guarded.jsonl'), work, ...big)
const skipped = (await collectRows(join(elsewhere, 'guarded.jsonl'))).rows
assert.equal(guarded.exitCode, 0, guarded.all)
assert.ok(skipped.every(({ status, error }) => status === 'skipped' && error?.code === 'DISK_FULL'))

await execa('umount', [dir])
for (const folder of [dir, elsewhere]) await rm(folder, { recursive: true })
console.log('all as promised')
