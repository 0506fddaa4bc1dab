import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { cacheDir } from '../lib/cache.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

/** Runs benchmarks with their own circuit cache. Built programs stay in the usual cache. */
async function makeBench() {
  const dir = await temporaryFolder()
  const cache = join(dir, 'cache')
  const journal = join(dir, 'journal')
  await mkdir(cache)
  if (existsSync(cacheDir('bin'))) await symlink(cacheDir('bin'), join(cache, 'bin'))
  const env = { PROVEMARK_CIRCUIT_CACHE_MB: '64', PROVEMARK_CACHE: cache }
  const bench = async (args: string[], flags: string[] = [], options = '') => {
    const prover = `./fixtures/provers/toy.ts,journal=${journal}${options}`
    const { all, exitCode } = await startBench(
      dir,
      ['depth', ...args],
      ['--prover', prover, ...TINY, ...flags],
      { env },
    )
    return { output: String(all), exitCode, rows: await readRowsOf(dir) }
  }
  const countCompiles = async () =>
    (await readFile(journal, 'utf8')).split('\n').filter((p) => p === 'compile').length
  const entries = () => readdir(join(cache, 'circuits')).catch(() => [])
  return { bench, countCompiles, entries, cache }
}

test('a compile that is not measured comes from the cache, a measured one never', async () => {
  const { bench, countCompiles, entries, cache } = await makeBench()
  const first = await bench(['-t', 'prove'])
  expect(first.output).toContain('ran unrecorded, since prove needs them: compile, witness')
  expect(await entries()).toHaveLength(1)
  const second = await bench(['-t', 'verify'])
  expect(second.output).toContain('takes the compiled circuit from the cache')
  expect(second.output).toContain('ran unrecorded, since verify needs them: witness, prove')
  expect(await countCompiles()).toBe(1)
  expect(second.exitCode).toBe(0)
  const digests = new Set(second.rows.map(({ circuit_sha256 }) => circuit_sha256))
  expect(digests.size).toBe(1)

  const measured = await bench([], ['--iterations', '2'])
  expect(measured.output).not.toContain('from the cache')
  expect(await countCompiles()).toBe(3)
  expect(measured.rows.filter(({ phase }) => phase === 'compile')).toHaveLength(2)

  // Another setting is another circuit; size 0 turns the cache off.
  await bench(['-t', 'prove'], [], ',cost=2000')
  expect(await countCompiles()).toBe(4)
  expect(await entries()).toHaveLength(2)
  const none = await bench(['-t', 'prove'], ['--circuit-cache-mb', '0'])
  expect(none.output).not.toContain('from the cache')
  expect(await countCompiles()).toBe(5)

  for (const key of await entries())
    await appendFile(join(cache, 'circuits', key, 'files', 'circuit.txt'), 'x')
  const mended = await bench(['-t', 'prove'])
  expect(mended.output).toContain('the compiled circuit in the cache was damaged, and is rebuilt')
  expect(await countCompiles()).toBe(6)
  expect(mended.exitCode).toBe(0)
  const good = await bench(['-t', 'prove'])
  expect(good.output).toContain('takes the compiled circuit from the cache')
  expect(await countCompiles()).toBe(6)
})

test('the command lists the cache, says where it lies, and clears it', async () => {
  const { bench, cache } = await makeBench()
  await bench(['-t', 'prove'])
  const provemark = async (...args: string[]) => {
    const { stdout } = await execa(process.execPath, ['src/cli.ts', 'cache', ...args], {
      cwd: join(import.meta.dirname, '../..'),
      env: { PROVEMARK_CACHE: cache, NO_COLOR: '1' },
    })
    return stdout
  }
  expect(await provemark('path')).toBe(cache)
  expect(await provemark('ls')).toMatch(/toy 1\.2\.3 +depth_d1_c1_p1_f1_r2\.onnx +\d/)
  expect(await provemark('clear')).toContain('1 compiled circuit')
  expect(await provemark('ls')).toContain('no compiled circuits')
  expect(existsSync(join(cache, 'bin'))).toBe(true)
})
