import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { decideBySamples } from '../point/schedule.ts'
import { EVIDENCE, isDisturbed, judgeOthers } from './disturbance.ts'
import { eachFigure } from './metrics.ts'

test('a row without evidence is neither disturbed nor undisturbed', () => {
  expect(isDisturbed({})).toBeUndefined()
  expect(isDisturbed({ disturbed: null })).toBeUndefined()
  expect(isDisturbed({ disturbed: 0 })).toBe(false)
  expect(isDisturbed({ disturbed: 0.6 })).toBe(true)
})

const withEvidence = makeGateRows({ seed: 1 }).map((row) => ({
  ...row,
  ...Object.fromEntries(EVIDENCE.map((name) => [name, 0.5])),
}))

test('what others did is no metric: nothing in a row of evidence can be budgeted or compared', () => {
  const names = new Set<string>()
  for (const row of withEvidence) eachFigure(row, (name) => names.add(name))
  expect([...names].filter((name) => EVIDENCE.some((own) => own === name))).toEqual([])
  expect(names).toContain('time_s')
})

const CALM = {
  cpus: 2,
  busyS: 2,
  stealS: 0,
  throttledS: 0,
  runDelayS: 0,
  runDelaySeen: 1,
  involuntarySwitches: 9,
}
const share = (raw: Partial<typeof CALM>, wallS: number, cpuS: number) =>
  judgeOthers({ ...CALM, ...raw }, { wallS, cpuS }).disturbed

test('the share of its time that others cost a phase', () => {
  // Eight threads on two CPUs that nobody else uses.
  expect(share({ busyS: 2.02, runDelayS: 6 }, 1, 1.98)).toBeCloseTo(0.01, 2)
  // One of four busy programs takes part of the second CPU as well.
  expect(share({ busyS: 2, runDelayS: 6.5 }, 1, 1.5)).toBeCloseTo(0.25, 5)
  // One thread that waits for half of the time.
  expect(share({ busyS: 2, runDelayS: 0.5 }, 1, 0.5)).toBeCloseTo(0.5, 5)
  // One thread beside one busy program, a CPU for each.
  expect(share({ busyS: 2, runDelayS: 0.01 }, 1, 0.99)).toBeCloseTo(0.01, 2)
  // A fifth of a single CPU is stolen, while another program has the second CPU and its part of the theft.
  expect(share({ cpus: 1, busyS: 0.8, stealS: 0.2 }, 1, 0.8)).toBeCloseTo(0.2, 5)
  expect(share({ busyS: 1.6, stealS: 0.4 }, 1, 0.8)).toBeCloseTo(0.2, 5)
  // A quota stops one thread for half of the time, which it spends waiting.
  expect(share({ busyS: 0.5, runDelayS: 0.5, throttledS: 0.5 }, 1, 0.5)).toBeCloseTo(0.5, 5)
})

test('what the evidence leaves open is not said', () => {
  // Two ticks of the system's clock are all that happened.
  expect(share({ busyS: 0.02, runDelayS: 0.01 }, 0.01, 0.005)).toBeUndefined()
  // So short, and still without any waiting.
  expect(share({ busyS: 0.02, runDelayS: 0 }, 0.01, 0.01)).toBe(0)
  // Most of its threads were gone before anything looked at their delays.
  expect(share({ busyS: 2, runDelayS: 0, runDelaySeen: 0.1 }, 1, 1)).toBeUndefined()
  expect(share({ busyS: 2, runDelayS: 0.5, runDelaySeen: 0.1 }, 1, 0.5)).toBeCloseTo(0.5, 5)
  const { runDelayS: _, ...unknown } = CALM
  const found = judgeOthers(unknown, { wallS: 1, cpuS: 1 })
  expect(found).toMatchObject({ others_cpu_s: 1, steal_s: 0, involuntary_switches: 9 })
  expect(found).not.toHaveProperty('run_delay_s')
  expect(found).not.toHaveProperty('disturbed')
})

test('sampling repeats a disturbed iteration, up to the largest number', () => {
  const sampling = { target: 0.05, confidence: 0.95, min: 6, max: 12, budget_s: 1e6 }
  const isDone = decideBySamples(sampling)
  const row = (disturbed?: number) => ({ ...withEvidence[0]!, time_s: 1, status: 'ok' as const, disturbed })
  const calm = (count: number) => Array.from({ length: count }, () => row(0))
  expect(isDone(calm(6))).toBe(true)
  expect(isDone([...calm(5), row(0.4)])).toBe(false)
  expect(isDone([...calm(6), row(0.4)])).toBe(true)
  expect(isDone([...calm(5), row()])).toBe(true)
  expect(isDone(Array.from({ length: 11 }, () => row(0.4)))).toBe(false)
  expect(isDone(Array.from({ length: 12 }, () => row(0.4)))).toBe(true)
})

test('the summary of a phase says which share of its time was disturbed', async () => {
  const rows = withEvidence.map((row, i) => ({ ...row, disturbed: i % 3 === 0 ? 0.345 : 0.001 }))
  const file = join(await temporaryFolder(), 'rows.jsonl')
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const { stdout, exitCode } = await execa(process.execPath, ['src/cli.ts', 'summary', file])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(
    /! disturbed by other programs, part of the time: compile 3[45] %.*, prove 3[45] % \(\d of \d+\), verify/,
  )
  await writeFile(
    file,
    makeGateRows({ seed: 1 })
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  )
  expect((await execa(process.execPath, ['src/cli.ts', 'summary', file])).stdout).not.toContain('disturbed')
})
