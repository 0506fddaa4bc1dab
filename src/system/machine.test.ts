import { mkdtempSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { readMachine, warnOf } from './machine.ts'

test('a row says what machine it is from', async () => {
  const machine = await readMachine()
  expect(machine).toMatchObject({ node: process.version, mem_mb: Math.round(totalmem() / 2 ** 20) })
  expect(machine.cores).toBeGreaterThan(0)
  expect(machine.cores).toBeLessThanOrEqual(availableParallelism())
  expect(machine['mem_free_mb']).toBeLessThanOrEqual(machine.mem_mb!)
  expect(machine.load).toBeGreaterThanOrEqual(0)
  expect(machine.kernel).toMatch(/^\d+\./)
})

test('the commit is that of the working folder, and a change of a tracked file makes it dirty', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'provemark-machine-'))
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd })
  expect(await readMachine(cwd)).toMatchObject({ commit: null, dirty: null })
  await git('init')
  writeFileSync(join(cwd, 'file'), '1')
  await git('add', 'file')
  await git('commit', '-m', 'first')
  const { stdout } = await git('rev-parse', 'HEAD')
  expect(await readMachine(cwd)).toMatchObject({ commit: stdout, dirty: false })
  writeFileSync(join(cwd, 'file'), '2')
  expect(await readMachine(cwd)).toMatchObject({ commit: stdout, dirty: true })
})

test('cores follow the affinity of the process', async () => {
  const script = `import('${new URL('machine.ts', import.meta.url).href}').then((m) => console.log(m.readUsableCores()))`
  const { stdout } = await execa('taskset', ['-c', '0', process.execPath, '-e', script])
  expect(Number(stdout)).toBeLessThanOrEqual(1)
})

test('warnings name what makes figures worse, and a quiet machine has none', () => {
  const quiet = {
    load: 0.3,
    cores: 2,
    onBattery: false,
    swapUsedMb: 0,
    governor: 'performance',
    throttled: 0,
  }
  expect(warnOf(quiet)).toEqual([])
  expect(warnOf({ ...quiet, governor: null })).toEqual([])
  const strained = {
    load: 1.5,
    cores: 2,
    onBattery: true,
    swapUsedMb: 20,
    governor: 'powersave',
    throttled: 3,
  }
  const warnings = warnOf(strained)
  expect(warnings).toHaveLength(5)
  for (const [i, word] of [
    'load is 1.50 on 2',
    'battery',
    '20 MB of swap',
    'powersave',
    'heat 3 times',
  ].entries()) {
    expect(warnings[i]).toContain(word)
  }
})
