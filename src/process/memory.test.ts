import { expect, test } from 'vitest'
import { chooseMemory, warnOfMemory } from './memory.ts'

test('one process: its mark at exit, exact, even where the cgroup holds more', () => {
  const raw = { hwmMb: 300, hwmAtExit: true, single: true, cgroupMb: 302, cgroupFileMb: 0, sampledRssMb: 280 }
  expect(chooseMemory(raw)).toEqual({
    mem_mb: 300,
    mem_source: 'hwm',
    mem_lower_bound: false,
    mem_mb_hwm: 300,
    mem_mb_cgroup: 302,
    mem_mb_psutil: 280,
  })
})

test('shared memory that is mapped nowhere counts with the process that holds it', () => {
  const held = {
    hwmMb: 14,
    hwmAtExit: true,
    single: true,
    cgroupMb: 209,
    cgroupFileMb: 0,
    sharedMb: 200,
    heldMb: 213,
  }
  expect(chooseMemory(held)).toMatchObject({ mem_mb: 213, mem_source: 'shared' })
  expect(chooseMemory({ ...held, heldMb: 205 })).toMatchObject({
    mem_mb: 209,
    mem_source: 'cgroup',
    mem_lower_bound: false,
  })
  // The cgroup's peak contains page cache, so the peaks seen together count, as a lower bound.
  expect(chooseMemory({ ...held, cgroupFileMb: 50, heldMb: 205 })).toMatchObject({
    mem_mb: 205,
    mem_source: 'shared',
    mem_lower_bound: true,
  })
})

test('what may be missing is said', () => {
  const one = { hwmMb: 300, hwmAtExit: true, single: true, cgroupMb: 302, cgroupFileMb: 0 }
  expect(warnOfMemory(one)).toEqual([])
  expect(warnOfMemory({ ...one, cgroupMb: 500 })).toEqual([
    expect.stringMatching(/held 200 MB more than mem_mb/),
  ])
  expect(warnOfMemory({ ...one, cgroupMb: 500, cgroupFileMb: 100 })).toEqual([])
  expect(warnOfMemory({ ...one, systemSharedMb: 20 })).toEqual([])
  expect(warnOfMemory({ ...one, systemSharedMb: 200 })).toEqual([
    expect.stringMatching(/grew by up to 200 MB/),
  ])
})

test('a tree: the peak of its cgroup, where page cache is under 1 % of it', () => {
  const tree = { hwmMb: 200, hwmAtExit: true, single: false, cgroupMb: 400, sampledRssMb: 450 }
  expect(chooseMemory({ ...tree, cgroupFileMb: 3.9 })).toMatchObject({
    mem_mb: 400,
    mem_source: 'cgroup',
    mem_lower_bound: false,
  })
  const cached = chooseMemory({ ...tree, cgroupFileMb: 4 })
  expect(cached).toMatchObject({
    mem_mb: 450,
    mem_source: 'sampled',
    mem_lower_bound: true,
    mem_mb_cgroup: 400,
  })
})

test('a tree without a clean cgroup: the sum of PSS counts shared pages once, so the sum of RSS stands back', () => {
  const tree = { hwmMb: 200, hwmAtExit: true, single: false, sampledRssMb: 450 }
  expect(chooseMemory({ ...tree, sampledPssMb: 390 })).toMatchObject({ mem_mb: 390, mem_source: 'pss' })
  expect(chooseMemory(tree)).toMatchObject({ mem_mb: 450, mem_source: 'sampled', mem_lower_bound: true })
  expect(chooseMemory({ ...tree, sampledPssMb: 150 })).toMatchObject({ mem_mb: 200, mem_source: 'hwm' })
})

test('a mark of living processes is a lower bound', () => {
  expect(chooseMemory({ hwmMb: 80, single: true, sampledRssMb: 70 })).toMatchObject({
    mem_mb: 80,
    mem_lower_bound: true,
  })
})

test('pidusage stands where nothing else is to be had, and nothing stands where nothing was', () => {
  expect(chooseMemory({ pidusageMb: 50 })).toMatchObject({
    mem_mb: 50,
    mem_source: 'pidusage',
    mem_lower_bound: true,
    mem_mb_psutil: 50,
  })
  expect(chooseMemory({})).toMatchObject({ mem_mb: null, mem_source: null, mem_lower_bound: null })
})
