import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const FIXTURE = resolve('fixtures/provers/jstprove-remainder.mjs')

async function runRemainder(options: string) {
  const dir = await temporaryFolder()
  const prover = ['--prover', `jstprove-remainder,bin=${FIXTURE}${options}`, '--iterations', '1', ...TINY]
  const { exitCode } = await startBench(dir, ['depth'], prover, {
    env: { NO_COLOR: '1' },
  })
  return { exitCode, rows: await readRowsOf(dir) }
}

test.each([
  ['as text', ''],
  ['as events', ',json=true'],
])('its phases read and write msgpack, the input as floats, counters %s', async (_, options) => {
  const { exitCode, rows } = await runRemainder(options)
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(rows.map(({ time_s_rust }) => time_s_rust)).toEqual([1.25, 1.25, 1.25, 1.25])
  expect(rows[0]).toMatchObject({
    prover: { name: 'jstprove-remainder', version: 'unknown' },
    ecc: { numNodes: 12, numLayer: 9 },
    warnings: ['COUNTER_MISSING: totalCost was not printed'],
  })
  expect(rows[2]?.proof_size_bytes).toBeGreaterThan(0)
  expect(rows[3]?.cmd).toContain('--proof')
  expect(exitCode).toBe(0)
})
