import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { defineProver } from './define.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const HASHER = './fixtures/provers/hasher.ts'

async function runHasher(options: string, ...flags: string[]) {
  const dir = await temporaryFolder()
  return runBench(dir, ['depth'], ['--prover', `${HASHER}${options}`, '--iterations', '1', ...TINY, ...flags])
}

test('phases as functions run in processes of their own and are measured', async () => {
  const { exitCode, rows } = await runHasher('')
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'compile ok',
    'witness ok',
    'prove ok',
    'verify ok',
  ])
  expect(rows[0]).toMatchObject({ ecc: { numNodes: 7, totalCost: 70 }, prover: { version: '1.0.0' } })
  for (const { time_s, time_s_rust, mem_mb, cmd } of rows) {
    expect(time_s).toBeGreaterThan(time_s_rust!)
    expect(mem_mb).toBeGreaterThan(20)
    expect(cmd![0]).toBe(process.execPath)
  }
  expect(exitCode).toBe(0)
})

test('a function that throws fails its phase with its own words', async () => {
  const { exitCode, rows } = await runHasher(',unordered=true')
  expect(rows[2]).toMatchObject({ phase: 'prove', status: 'failed', return_code: 2 })
  expect(rows[2]?.error?.tail).toContain('prove was told to fail')
  expect(rows[3]).toMatchObject({ status: 'skipped', error: { code: 'EARLIER_PHASE_FAILED' } })
  expect(exitCode).toBe(1)
})

test('a function alone reads what is there and writes what names its phase', () => {
  const nothing = () => {}
  const { phases, security } = defineProver({
    name: 'bare',
    artifacts: {
      circuit: { file: 'c', phase: 'compile' },
      witness: { file: 'w', phase: 'witness' },
      proof: { file: 'p' },
    },
    phases: {
      compile: nothing,
      witness: nothing,
      prove: { writes: ['proof'], run: nothing },
      verify: nothing,
    },
  })
  expect(phases.compile).toMatchObject({ reads: ['model', 'workload', 'input'], writes: ['circuit'] })
  expect(phases.prove).toMatchObject({
    reads: ['model', 'workload', 'input', 'circuit', 'witness'],
    writes: ['proof'],
  })
  expect(phases.verify).toMatchObject({
    reads: ['model', 'workload', 'input', 'circuit', 'witness', 'proof'],
    writes: [],
  })
  expect(new Set(Object.values(security))).toEqual(new Set(['unknown']))
})

test('a definition that contradicts itself is refused with every fault', () => {
  const nothing = () => {}
  const run = { compile: nothing, witness: nothing, prove: nothing, verify: nothing }
  expect(() =>
    defineProver({
      name: 'not good',
      artifacts: { circuit: { file: 'a/b', phase: 'compile' }, proof: { file: 'p' } },
      phases: { ...run, compile: { reads: ['proof'], run: nothing } },
    }),
  ).toThrow(
    /its name has to be .*; compile reads proof, which no earlier phase writes; the file of circuit .*; no phase writes the artifact proof/,
  )
  const prove = { writes: ['proof'] as const, run: nothing }
  // @ts-expect-error -- names of artifacts are checked by their types, too
  expect(() => defineProver({ name: 'x', artifacts: {}, phases: { ...run, prove } })).toThrow(
    /prove writes proof, which is not an artifact/,
  )
  // As in JavaScript, where no type says what is missing.
  const empty = { name: 'x' } as unknown as Parameters<typeof defineProver>[0]
  expect(() => defineProver(empty)).toThrow(/prover x: it needs at least one phase/)
})

test('a prover may write no file', () => {
  const { artifacts, phases } = defineProver({ name: 'x', phases: { prove: () => {} } })
  expect(artifacts).toEqual({})
  expect(phases.prove).toMatchObject({ writes: [] })
})
