import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { descendantsOf, PidusageSampler } from './pidusage-sampler.ts'

test('a process is seen by the tools of the system', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'const hold = Buffer.alloc(64 << 20, 1); setInterval(() => hold, 1000)',
  ])
  const sampler = new PidusageSampler(child.pid!)
  while (sampler.peakRssMb < 64) {
    sampler.sample()
    await sleep(20)
  }
  child.kill()
  expect(sampler.memory()).toEqual({ pidusageMb: sampler.peakRssMb })
  expect(sampler.cpuS().user).toBeGreaterThan(0)
})

test('a tree is all that descends from its root, whatever the order of the list', () => {
  const list = '   30    20\n    1     0\n   20    10\n   10     1\n   40     1\n   21    10\n'
  expect(descendantsOf(10, list)).toEqual([20, 21, 30])
  expect(descendantsOf(40, list)).toEqual([])
  expect(descendantsOf(10, '')).toEqual([])
})

test('a run where there is no /proc measures with the tools of the system, and ends trees', async () => {
  const dir = await temporaryFolder()
  const hidden = join(import.meta.dirname, '../../fixtures/without-proc.mjs')
  const env = { NODE_OPTIONS: `--import=${hidden}`, PROVEMARK_MEASURE: 'off' }
  const tiny = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
  const settings = 'allocate=prove,allocate_mb=64,sleep_in=prove,sleep_ms=600,hang=verify'
  const prover = ['--prover', `./fixtures/provers/toy.ts,${settings}`]
  const flags = [...tiny, '--iterations', '1', ...prover, '--timeout-s', 'verify=2']
  const { exitCode } = await startBench(dir, ['depth'], flags, { env })
  const rows = await readRowsOf(dir)
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'compile ok',
    'witness ok',
    'prove ok',
    'verify timeout',
  ])
  const prove = rows[2]!
  expect(prove).toMatchObject({ mem_source: 'pidusage', mem_lower_bound: true })
  expect(prove.mem_mb).toBeGreaterThan(64)
  expect(prove.machine?.cores).toBeGreaterThan(0)
  expect(exitCode).toBe(1)
})
