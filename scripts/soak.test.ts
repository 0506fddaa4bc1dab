import { expect, test } from 'vitest'
import { findFaults } from './soak/judge.ts'
import { soak } from './soak/run.ts'

test('a short soak: every process of a misbehaving prover has its row, and nothing is left', async () => {
  const result = await soak(10, '42', 40)
  expect(findFaults(result)).toEqual([])
  expect(result.account.started).toBeGreaterThanOrEqual(40)
  expect(result.account.statuses['ok']).toBeGreaterThan(5)
})
