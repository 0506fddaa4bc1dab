import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { jstprove } from './jstprove.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const FIXTURE = resolve('fixtures/provers/jstprove.mjs')
const ALL = {
  numInputs: 260528,
  numConstraints: 46979,
  numVars: 2630818,
  numLayer: 21,
  numSegment: 29,
  numMul: 984684,
  numAdd: 1745426,
}

async function runJstprove(options: string, env: Record<string, string> = {}) {
  const dir = await temporaryFolder()
  const flags = ['--prover', `jstprove,bin=${FIXTURE}${options}`, '--iterations', '1', ...TINY]
  const { exitCode, all } = await startBench(dir, ['depth'], flags, { env: { NO_COLOR: '1', ...env } })
  return { exitCode, output: String(all), rows: await readRowsOf(dir) }
}

test.each([
  ['as text', ''],
  ['as events', ',json=true'],
])('its commands run on quantised msgpack, counters %s', async (_, options) => {
  const { exitCode, rows } = await runJstprove(options)
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(rows[0]).toMatchObject({
    ecc: ALL,
    time_s_rust: 1.25,
    // Three files of 32 bytes: a folder's size is that of its files.
    circuit_size_bytes: 96,
    warnings: ['COUNTER_MISSING: totalCost was not printed'],
    settings: { scale_bits: 18 },
  })
  expect(rows[0]?.circuit_sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(rows[3]?.cmd).toContain('-o')
  expect(exitCode).toBe(0)
})

test('2.12.1 prints fewer counters: what is missing is named', async () => {
  const { rows } = await runJstprove('', { JSTPROVE_FIXTURE: 'coloured' })
  expect(rows[0]?.ecc).toEqual({ numAdd: 1745426, numMul: 984684, numLayer: 21 })
  expect(rows[0]?.warnings).toEqual(
    ['numInputs', 'numConstraints', 'numVars', 'numSegment', 'totalCost'].map(
      (name) => `COUNTER_MISSING: ${name} was not printed`,
    ),
  )
})

test('a version that refuses --json fails with its own words', async () => {
  const { exitCode, rows } = await runJstprove(',json=true', { JSTPROVE_FIXTURE: 'coloured' })
  expect(rows[0]).toMatchObject({ status: 'failed', return_code: 1, error: { code: 'PHASE_FAILED' } })
  expect(rows[0]?.error?.tail).toContain("unexpected argument '--json'")
  expect(exitCode).toBe(1)
})

test('the input is quantised at the scale of the settings', async () => {
  const { decode } = await import('@msgpack/msgpack')
  const values = Float32Array.from([0.5, -0.25, 1])
  const bytes = jstprove.input!.encode([{ name: 'x', shape: [3], values }], { scale_bits: 4 })
  expect(decode(bytes as Uint8Array)).toEqual({ input: [8, -4, 16] })
})

test.each([
  ['46,979 constraints', 46979],
  ['12 mul + 46979 constraints', 46979],
  ['2^20 constraints', undefined],
  ['1 234 constraints', undefined],
  ['46.979 constraints', undefined],
  ['12,34 constraints', undefined],
  ['12K constraints', undefined],
])('%j holds the count %s', async (output, expected) => {
  const { counters } = await jstprove.read(output, 'compile', {})
  expect(counters?.['numConstraints']).toBe(expected)
})

test.each([
  ['done prove in 1.234567s', 1.234567],
  ['done prove in 834.5ms', 0.8345],
  ['done prove in 12.3µs', 12.3e-6],
  ['done prove in 12.3μs', 12.3e-6],
  ['done prove in 45ns', 45e-9],
  ['done prove in 1m2.5s', 62.5],
  ['done prove in 0,25 s', 0.25],
])('%j takes %d s', async (output, expected) => {
  expect((await jstprove.read(output, 'prove', {})).timeS).toBeCloseTo(expected, 12)
})
