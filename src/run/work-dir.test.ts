import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { readRowsOf, runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { chooseWorkDir, makePrivate, warnOfWorkDir } from './resources.ts'

const TOY = './fixtures/provers/toy.ts'
const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const ONCE = [...TINY, '--iterations', '1']

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('what a killed run left goes with the next run; what was to stay does not', async () => {
  const dir = await temporaryFolder()
  const killHanging = async (...flags: string[]) => {
    const known = (await readRowsOf(dir)).length
    const hangs = ['--prover', `${TOY},hang=prove`, ...ONCE, ...flags]
    const run = startBench(dir, ['depth'], hangs, { detached: true })
    while ((await readRowsOf(dir)).length < known + 2) await sleep(50)
    process.kill(-run.pid!, 'SIGKILL')
    await run
    return join(dir, 'work', (await readRowsOf(dir)).at(-1)!.run_id!)
  }
  const left = await killHanging()
  expect(existsSync(left)).toBe(true)
  const toStay = await killHanging('--keep', 'failed')
  expect(existsSync(left)).toBe(false)
  await runBench(dir, ['depth'], ['--prover', TOY, ...ONCE])
  expect(existsSync(toStay)).toBe(true)
  expect(await readdir(join(dir, 'work'))).toHaveLength(1)
})

test('a run that is alive keeps its folder', async () => {
  const dir = await temporaryFolder()
  const run = startBench(dir, ['depth'], ['--prover', `${TOY},hang=prove`, ...ONCE], { detached: true })
  while ((await readRowsOf(dir)).length < 2) await sleep(50)
  const folder = join(dir, 'work', (await readRowsOf(dir))[0]!.run_id!)
  await runBench(dir, ['depth'], ['--prover', TOY, ...ONCE])
  expect(existsSync(folder)).toBe(true)
  process.kill(-run.pid!, 'SIGINT')
  expect((await run).exitCode).toBe(130)
  expect(existsSync(folder)).toBe(false)
})

test('folders of artifacts are closed to other users', async () => {
  const dir = await temporaryFolder()
  const { rows } = await runBench(dir, ['depth'], ['--prover', TOY, ...ONCE, '--keep', 'all'])
  const iteration = rows[0]!.tmpdir!
  const inside = relative(dir, iteration).split(sep)
  expect(inside).toHaveLength(6)
  const folders = inside.map((_, i) => join(dir, ...inside.slice(0, i + 1)))
  expect(await Promise.all(folders.map(modeOf))).toEqual(folders.map(() => 0o700))
})

test.runIf(existsSync('/dev/shm'))('artifacts on a tmpfs are memory, and the run says so', async () => {
  const dir = await temporaryFolder()
  const shm = await mkdtemp('/dev/shm/provemark-')
  try {
    const run = startBench(dir, ['depth'], ['--prover', TOY, ...ONCE, '--work-dir', join(shm, 'new')])
    const { all, exitCode } = await run
    expect(all).toContain(`artifacts are memory, since ${join(shm, 'new')} lies on a tmpfs`)
    expect(exitCode).toBe(0)
    const other = await startBench(dir, ['depth'], ['--prover', TOY, ...ONCE])
    expect(String(other.all).includes('artifacts are memory')).toBe(warnOfWorkDir(dir).length > 0)
  } finally {
    await rm(shm, { recursive: true })
  }
})

test("the default folder is the user's own, or refused", async () => {
  const tmp = await temporaryFolder()
  vi.stubEnv('TMPDIR', tmp)
  const folder = chooseWorkDir(undefined, '/')
  expect(folder).toBe(join(tmp, `provemark-${process.getuid!()}`))
  makePrivate(folder)
  makePrivate(folder)
  expect(await modeOf(folder)).toBe(0o700)
  await chmod(folder, 0o770)
  expect(() => makePrivate(folder)).toThrow(/can be written by other users/)
  await rm(folder, { recursive: true })
  await mkdir(join(tmp, 'elsewhere'))
  await symlink(join(tmp, 'elsewhere'), folder)
  expect(() => makePrivate(folder)).toThrow(/is not a folder/)
  expect(chooseWorkDir('mine', '/root-of-project')).toBe('/root-of-project/mine')
})
