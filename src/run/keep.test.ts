import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRowsOf, runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import type { Row } from '../row/schema.ts'

const TOY = './fixtures/provers/toy.ts'
const POINT = 'depth_d1_c1_p1_f1_r2'
const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

/** Iteration folders that a run with this id left in its work folder. */
const readFolders = async (dir: string, row: Row | undefined) =>
  (await readdir(join(dir, 'work', row!.run_id!, 'depth', POINT, 'toy')).catch(() => [])).toSorted()

test('keep says which artifacts stay; none leaves nothing at all', async () => {
  const iterations = ['--iterations', 'compile=3,witness=1,prove=2,verify=2']
  const keep = async (...flags: string[]) => {
    const dir = await temporaryFolder()
    const { rows } = await runBench(dir, ['depth'], ['--prover', TOY, ...TINY, ...iterations, ...flags])
    expect(rows.filter(({ status }) => status === 'ok').length).toBeGreaterThanOrEqual(6)
    return { dir, folders: await readFolders(dir, rows[0]) }
  }
  const none = await keep()
  expect(await readdir(join(none.dir, 'work'))).toEqual([])
  expect((await keep('--keep', 'all')).folders).toEqual(['1', '2', '3'])
  // The second prove uses the first witness and its compile. Nothing uses the third compile.
  const last = await keep('--keep', 'last')
  expect(last.folders).toEqual(['1', '2'])
  const nothingFailed = await keep('--keep', 'failed')
  expect(nothingFailed.folders).toEqual([])
})

test('keep failed leaves what a failed phase built on', async () => {
  const dir = await temporaryFolder()
  const prover = `${TOY},fail=prove:2,journal=${join(dir, 'journal')}`
  const flags = ['--prover', prover, ...TINY, '--iterations', '3', '--keep', 'failed']
  const { rows } = await runBench(dir, ['depth'], flags)
  expect(await readFolders(dir, rows[0])).toEqual(['2'])
  const { tmpdir } = rows.find(({ status }) => status === 'failed')!
  expect((await readdir(tmpdir!)).toSorted()).toContain('circuit.txt')
})

test('files go as soon as no phase can need them', async () => {
  const dir = await temporaryFolder()
  const journal = join(dir, 'journal')
  const prover = `${TOY},hang=prove,journal=${journal}`
  const iterations = 'compile=3,witness=1,prove=1,verify=1'
  const run = startBench(dir, ['depth'], ['--prover', prover, ...TINY, '--iterations', iterations], {
    detached: true,
  })
  // By the time the prove starts, everything unused has been removed.
  while (!(await readFile(journal, 'utf8').catch(() => '')).includes('prove')) await sleep(50)
  const [row] = await readRowsOf(dir)
  expect(await readFolders(dir, row)).toEqual(['1'])
  process.kill(-run.pid!, 'SIGINT')
  await run
  expect(existsSync(join(dir, 'work', row!.run_id!))).toBe(false)
})

test('a point whose artifacts do not fit on the disk is skipped, with the figures', async () => {
  const dir = await temporaryFolder()
  const known = {
    phase: 'compile',
    status: 'ok',
    point: POINT,
    prover: { name: 'toy' },
    circuit_size_bytes: 2 ** 50,
  }
  await writeFile(join(dir, 'rows.jsonl'), `${JSON.stringify(known)}\n`)
  const flags = ['--prover', TOY, ...TINY, '--iterations', '1']
  const skipped = await runBench(dir, ['depth'], flags)
  expect(
    skipped.rows.slice(1).map(({ phase, status, error }) => `${phase} ${status} ${error?.code}`),
  ).toEqual(['compile', 'witness', 'prove', 'verify'].map((phase) => `${phase} skipped DISK_FULL`))
  expect(skipped.rows[1]!.error!.message).toMatch(
    /^the artifacts of the point need about 1073741824 MB .* has \d+ MB left$/,
  )
  // Other settings make other artifacts.
  const other = await runBench(dir, ['depth'], ['--prover', `${TOY},cost=7`, ...flags.slice(2)])
  expect(
    other.rows.slice(5).map(({ settings, status }) => `${String(settings?.['cost'])} ${status}`),
  ).toEqual(['7 ok', '7 ok', '7 ok', '7 ok'])
  const forced = await runBench(dir, ['depth'], [...flags, '--no-disk-guard'])
  expect(forced.rows.slice(9).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
})

test('an iteration that would not fit, by what the last one wrote, is skipped', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', `${TOY},sparse=prove`, ...TINY, '--iterations', '2']
  const { rows } = await runBench(dir, ['depth', '-t', 'prove'], flags)
  expect(rows.map(({ status, error }) => `${status} ${error?.code}`)).toEqual([
    'ok undefined',
    'skipped DISK_FULL',
  ])
  expect(rows[0]!.proof_size_bytes).toBe(2 ** 42)
  expect(rows[1]!.error!.message).toMatch(/^one more prove need about 4194304 MB/)
})

test('a folder that cannot be made fails its iteration, and the run goes on', async () => {
  const dir = await temporaryFolder()
  const folder = join(dir, 'work', 'fixed', 'depth', POINT, 'toy')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '2'), 'in the way')
  const flags = ['--prover', TOY, ...TINY, '--iterations', '3', '--keep', 'all', '--run-id', 'fixed']
  const { rows, exitCode } = await runBench(dir, ['depth'], flags)
  const outcomes = rows.map(({ status, error }) => error?.code ?? status)
  const skipped = ['ok', 'EARLIER_PHASE_FAILED', 'ok']
  expect(outcomes).toEqual(['ok', 'FILE_UNWRITABLE', 'ok', skipped, skipped, skipped].flat())
  expect(exitCode).toBe(1)
})
