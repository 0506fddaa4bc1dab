import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { jst } from './jst.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const FIXTURE = resolve('fixtures/provers/jst.mjs')

/** A depth-1 point on the stand-in, with the given misbehaviour. */
async function runJst(oddities: string) {
  const dir = await temporaryFolder()
  const flags = ['--prover', `jst,bin=${FIXTURE}`, '--iterations', '1', ...TINY]
  const env = { NO_COLOR: '1', JST_FIXTURE: oddities }
  const { exitCode, all } = await startBench(dir, ['depth'], flags, { env })
  return { exitCode, output: String(all), rows: await readRowsOf(dir) }
}

test('the four commands run with absolute paths, and their output becomes rows', async () => {
  const { exitCode, rows, output } = await runJst('')
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'compile ok',
    'witness ok',
    'prove ok',
    'verify ok',
  ])
  const [compile, witness, , verify] = rows
  expect(compile).toMatchObject({
    prover: { name: 'jst', version: '2.1.0' },
    ecc: { numInputs: 2, numConstraints: 2000, numMul: 41560, totalCost: 23521323 },
    time_s_rust: 0.0682,
    circuit_size_bytes: 7,
    security: { setup: 'transparent', bits: 'unknown' },
  })
  expect(compile?.quantized_size_bytes).toBeGreaterThan(100)
  expect(compile).not.toHaveProperty('warnings')
  expect(compile?.cmd?.slice(1, 3)).toEqual(['--no-banner', 'compile'])
  for (const { cmd = [] } of rows)
    for (const word of cmd!.filter((part) => part.includes('/'))) expect(word).toMatch(/^\//)
  expect(witness?.ecc).toEqual({})
  expect(verify?.controls).toEqual({ proof: 'not_applicable', output: 'not_applicable' })
  expect(output).toContain('23,521,323')
  expect(exitCode).toBe(0)
})

test('thousands separators and carriage returns change no counter', async () => {
  const { rows } = await runJst('thousands,progress')
  expect(rows[0]?.ecc).toMatchObject({ numInsns: 83930, numUsedInputs: 11032, totalCost: 23521323 })
})

test('a missing quantised model is a warning', async () => {
  const { exitCode, rows } = await runJst('no-quantized')
  expect(rows[0]).toMatchObject({ status: 'ok', warnings: ['ARTIFACT_MISSING: quantized was not written'] })
  expect(exitCode).toBe(0)
})

test('an exit code of 0 without a circuit is a failure', async () => {
  const { exitCode, rows } = await runJst('no-circuit')
  expect(rows[0]).toMatchObject({ status: 'failed', return_code: 0, error: { code: 'ARTIFACT_MISSING' } })
  expect(rows.slice(1).map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped'])
  expect(exitCode).toBe(1)
})

test('recorded output of 2.1.0 gives its counters and times', async () => {
  const read = async (phase: 'compile' | 'witness' | 'prove' | 'verify') =>
    jst.read(await readFile(`fixtures/provers/jst-output/${phase}.txt`, 'utf8'), phase, {})
  const { counters, timeS } = await read('compile')
  expect(counters).toEqual({
    numInputs: 2,
    numConstraints: 46979,
    numInsns: 2423775,
    numVars: 2630818,
    numTerms: 4595114,
    numSegment: 29,
    numLayer: 21,
    numUsedInputs: 260528,
    numUsedVariables: 1028745,
    numVariables: 1573127,
    numAdd: 1745426,
    numCst: 22698,
    numMul: 984684,
    totalCost: 434607912,
  })
  expect(Object.keys(counters!).toSorted()).toEqual([...jst.counters!].toSorted())
  expect(timeS).toBe(40.7407)
  expect(await read('witness')).toEqual({ timeS: 0.612 })
  expect(await read('prove')).toEqual({ timeS: 3.1767 })
  expect(await read('verify')).toEqual({ timeS: 2.6355 })
})

test('other versions print the time and the memory in other words', () => {
  const output = 'Time elapsed: 1.5 seconds\nPeak Memory used Overall : 1,024.5\n'
  expect(jst.read(output, 'prove', {})).toEqual({ timeS: 1.5, memMb: 1024.5 })
  expect(jst.read('Rust subprocess memory : 77', 'prove', {})).toEqual({ memMb: 77 })
})

test('its environment is set only where the user has not set it', () => {
  vi.stubEnv('RUST_LOG', 'debug')
  vi.stubEnv('RUST_BACKTRACE', undefined)
  const spec = jst.phases.prove
  if (!spec || !('command' in spec)) throw new Error('jst is a command')
  const located = { bin: '/bin/jst', version: '2.1.0', sha256: null }
  const { env } = spec.command({
    files: { circuit: '/c', witness: '/w', proof: '/p' },
    settings: {},
    params: {},
    located,
  })
  expect(env).not.toHaveProperty('RUST_LOG')
  expect(env).toMatchObject({ RUST_BACKTRACE: '1' })
  vi.unstubAllEnvs()
})
