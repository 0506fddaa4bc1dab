import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeModel, makeNode, makeValueInfo } from '../model/build.ts'
import { writeModel } from '../model/write.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const HASHER = './fixtures/provers/hasher.ts'
const ONE_RUN = { timeout: 60_000 }

test(
  'a point that needs more memory than there is is skipped, each phase with a row that says so',
  ONE_RUN,
  async () => {
    const dir = await temporaryFolder()
    const flags = ['--prover', `${HASHER},predicted_mb=1e9`, '--iterations', '2', ...TINY]
    const { exitCode, rows, output } = await runBench(dir, ['depth'], flags)
    expect(rows.map(({ phase, status, error }) => `${phase} ${status} ${error?.code}`)).toEqual([
      'compile skipped MODEL_TOO_LARGE',
      'witness skipped MODEL_TOO_LARGE',
      'prove skipped MODEL_TOO_LARGE',
      'verify skipped MODEL_TOO_LARGE',
    ])
    expect(rows[0]?.error?.message).toMatch(
      /^hasher needs about 1000000000 MB for it, and may take \d+ MB here$/,
    )
    expect(output).toContain('MODEL_TOO_LARGE')
    expect(exitCode).toBe(0)
  },
)

test('the limit of the run counts as well, and --no-memory-guard runs the point', ONE_RUN, async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', `${HASHER},predicted_mb=2000`, '--iterations', '1', ...TINY]
  const limited = await runBench(dir, ['depth'], [...flags, '--memory-limit-mb', '1999'])
  expect(limited.rows[0]).toMatchObject({ status: 'skipped', error: { code: 'MODEL_TOO_LARGE' } })
  const other = await temporaryFolder()
  const unguarded = await runBench(
    other,
    ['depth'],
    [...flags, '--memory-limit-mb', '1999', '--no-memory-guard'],
  )
  expect(unguarded.rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
})

test('an operator that the prover lacks is found before compile, by name and node', ONE_RUN, async () => {
  const dir = await temporaryFolder()
  const model = join(dir, 'softmax.onnx')
  writeModel(
    model,
    makeModel({
      node: [makeNode('Softmax', 'last', ['x'], ['y'])],
      input: [makeValueInfo('x', [1, 4])],
      output: [makeValueInfo('y', [1, 4])],
    }),
  )
  const { exitCode, rows } = await runBench(dir, ['models'], ['--model', model, '--prover', HASHER])
  expect(rows).toHaveLength(4)
  expect(rows[0]).toMatchObject({
    status: 'skipped',
    error: { code: 'OPERATOR_UNSUPPORTED', message: 'node last: hasher does not prove Softmax' },
  })
  expect(rows[0]?.error?.hint).toContain('Conv, Flatten, Gemm')
  expect(exitCode).toBe(0)
})
