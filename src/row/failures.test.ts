import { expect, test } from 'vitest'
import { Failures } from './failures.ts'
import type { Row } from './schema.ts'

const failed = (iteration: number, code: string): Row => ({
  phase: 'prove',
  iteration,
  status: 'failed',
  error: { code, message: `${code} happened` },
})

test('groups by kind and names each iteration once', () => {
  const failures = new Failures()
  for (const iteration of [3, 3, 5, 3]) failures.add(failed(iteration, 'PHASE_FAILED'))
  failures.add(failed(1, 'PHASE_TIMEOUT'))
  failures.add({ phase: 'prove', status: 'ok', return_code: 0 })
  expect(failures.list().map(({ code, count, iterations }) => [code, count, iterations])).toEqual([
    ['PHASE_FAILED', 4, [3, 5]],
    ['PHASE_TIMEOUT', 1, [1]],
  ])
})

test('stays small where every failure is of its own kind, and counts them all the same', () => {
  const failures = new Failures()
  for (let i = 0; i < 1000; i++) failures.add(failed(i, `CODE_${i}`))
  const groups = failures.list()
  expect(groups.length).toBeLessThan(30)
  expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(1000)
})
