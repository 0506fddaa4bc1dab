import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
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
