import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runJudge } from '../../scripts/judges/judge.ts'
import { makeModel, makeNode, makeValueInfo } from '../model/onnx.ts'
import { writeModel } from '../model/write.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const HASHER = './fixtures/provers/hasher.ts'
test('a point that needs more memory than there is is skipped, each phase with a row that says so', async () => {
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
    /^hasher needs about 1000000000 MB for it \(by its own rule\), and may use \d+ MB here$/,
  )
  expect(output).toContain('NO_ROWS: nothing was measured: 4 skipped (MODEL_TOO_LARGE)')
  expect(exitCode).toBe(2)
})

test('a shard whose points are all skipped leaves the verdict to the whole run', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', `${HASHER},predicted_mb=1e9`, '--shard', '1/2', ...TINY, '--depth-max', '2']
  const { exitCode, rows, output } = await runBench(dir, ['depth'], flags)
  expect(rows.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped', 'skipped'])
  expect(output).toContain(
    'this shard: nothing was measured: 4 skipped (MODEL_TOO_LARGE); the merged run decides',
  )
  expect(exitCode).toBe(0)
})

test('the limit of the run counts as well, and --no-memory-guard runs the point', async () => {
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

test('a prover without a rule is guarded by the rows of smaller points', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', './fixtures/provers/toy.ts', '--iterations', '1', ...TINY]
  const { rows } = await runBench(dir, ['depth'], [...flags, '--depth-max', '2'])
  expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'ok'))
  // As if the second point had needed a terabyte more than the first.
  const grown = rows.map((row) => ({ ...row, mem_mb: row.point?.startsWith('depth_d1') ? 100 : 2 ** 20 }))
  await writeFile(join(dir, 'rows.jsonl'), grown.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const deeper = [...flags, '--depth-max', '3']
  const guarded = await runBench(dir, ['depth'], deeper)
  const own = guarded.rows.slice(8).map(({ point, status, error }) => `${point} ${status} ${error?.code}`)
  expect([...new Set(own)]).toEqual([
    'depth_d1_c1_p1_f1_r2 ok undefined',
    'depth_d2_c2_p2_f1_r3 skipped MODEL_TOO_LARGE',
    'depth_d3_c3_p2_f1_r4 skipped MODEL_TOO_LARGE',
  ])
  expect(guarded.rows.at(-1)?.error?.message).toMatch(
    /^toy needs about \d{7} MB for it \(by the rows of points up to its size\), and may use \d+ MB here$/,
  )
  const forced = await runBench(dir, ['depth'], [...deeper, '--no-memory-guard'])
  expect(forced.rows.slice(-12).every(({ status }) => status === 'ok')).toBe(true)
})

test('a guard that does not know the work of a model says so in the row of its compile', async () => {
  const dir = await temporaryFolder()
  const node = [makeNode('NonZero', 'odd', ['x'], ['y'])]
  const graph = { node, input: [makeValueInfo('x', [1, 4])] }
  const { path } = writeModel(join(dir, 'odd.onnx'), makeModel(graph))
  const flags = ['--prover', './fixtures/provers/toy.ts', '--iterations', '1', '--model', path]
  const { rows } = await runBench(dir, ['models'], flags)
  expect(rows.map(({ warnings }) => warnings?.filter((own) => own.includes('memory guard')))).toEqual([
    [
      "the memory guard did not check this model: the shape of odd (NonZero)'s output is in neither the file nor provemark's rules",
    ],
    undefined,
    undefined,
    undefined,
  ])
})

test('models without multiplications are guarded by what such models took', async () => {
  const dir = await temporaryFolder()
  const models = ['a', 'b', 'c'].map((name) => {
    const node = [makeNode('Relu', name, ['x'], ['y'])]
    const ports = { input: [makeValueInfo('x', [1, 4])], output: [makeValueInfo('y', [1, 4])] }
    return writeModel(join(dir, `${name}.onnx`), makeModel({ name, node, ...ports })).path
  })
  const flags = (paths: string[]) => [
    '--prover',
    './fixtures/provers/toy.ts',
    '--iterations',
    '1',
    ...paths.flatMap((path) => ['--model', path]),
  ]
  const { rows } = await runBench(dir, ['models'], flags(models.slice(0, 2)))
  expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'ok'))
  const grown = rows.map((row) => ({ ...row, mem_mb: row.point === 'a' ? 1 : 100 }))
  await writeFile(join(dir, 'rows.jsonl'), grown.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const third = await runBench(dir, ['models'], flags(models.slice(2)))
  expect(third.rows.slice(8).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
})

test('an operator that the prover lacks is found before compile, by name and node', async () => {
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
  expect(rows[0]?.error?.hint).toContain('hasher proves Cast, Conv, Flatten, Gather, Gemm')
  expect(exitCode).toBe(2)
})

test('a model that the prover refuses after a look at it is skipped with its reason', async () => {
  const dir = await temporaryFolder()
  const ports = {
    input: ['x', 'y'].map((name) => makeValueInfo(name, [1, 4])),
    output: [makeValueInfo('z', [1, 4])],
  }
  const graph = { node: [makeNode('Pow', 'power', ['x', 'y'], ['z'])], ...ports }
  const { path } = writeModel(join(dir, 'power.onnx'), makeModel(graph))
  const flags = ['--model', path, '--prover', 'gnark', '--iterations', '1']
  const { exitCode, rows } = await runBench(dir, ['models'], flags)
  expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'skipped'))
  expect(rows[0]?.error?.code).toBe('MODEL_UNSUPPORTED')
  expect(rows[0]?.error?.message).toMatch(/^gnark does not prove this model: node "power" \(Pow\)/)
  expect(exitCode).toBe(2)
})

const GRAPHS = {
  quotient: {
    node: [
      makeNode('Shape', 's', ['x'], ['sides']),
      makeNode('Reshape', 'r', ['x', 'sides'], ['h']),
      makeNode('Exp', 'positive', ['h'], ['p']),
      makeNode('Div', 'ratio', ['x', 'p'], ['y']),
    ],
    input: [makeValueInfo('x', [1, 4])],
    output: [makeValueInfo('y', [1, 4])],
  },
  two_inputs: {
    node: [makeNode('Add', 'sum', ['a', 'b'], ['y'])],
    input: [makeValueInfo('a', [1, 4]), makeValueInfo('b', [1, 4])],
    output: [makeValueInfo('y', [1, 4])],
  },
  two_outputs: {
    node: [makeNode('Relu', 'r', ['x'], ['y']), makeNode('Identity', 'i', ['y'], ['z'])],
    input: [makeValueInfo('x', [1, 4])],
    output: [makeValueInfo('y', [1, 4]), makeValueInfo('z', [1, 4])],
  },
  batch: {
    node: [makeNode('Relu', 'r', ['x'], ['y'])],
    input: [makeValueInfo('x', [3, 4])],
    output: [makeValueInfo('y', [3, 4])],
  },
  residual: {
    node: [makeNode('Relu', 'r', ['x'], ['h']), makeNode('Add', 'sum', ['x', 'h'], ['y'])],
    input: [makeValueInfo('x', [1, 4])],
    output: [makeValueInfo('y', [1, 4])],
  },
}

test('the embedded prover takes graphs', async () => {
  const dir = await temporaryFolder()
  for (const [name, graph] of Object.entries(GRAPHS)) writeModel(join(dir, `${name}.onnx`), makeModel(graph))
  const { exitCode, rows } = await runBench(dir, ['models'], ['--model', `${dir}/*.onnx`])
  const compiles = rows.filter(({ phase }) => phase === 'compile')
  expect(compiles.map(({ point, status, error }) => [point, status, error?.code, error?.message])).toEqual([
    ['batch', 'ok', undefined, undefined],
    ['quotient', 'ok', undefined, undefined],
    ['residual', 'ok', undefined, undefined],
    ['two_inputs', 'ok', undefined, undefined],
    ['two_outputs', 'ok', undefined, undefined],
  ])
  expect(exitCode).toBe(0)
  const compared = rows.filter(({ output_max_abs_error }) => output_max_abs_error !== undefined)
  expect(new Set(compared.map(({ point }) => point)).size).toBe(5)
  for (const { output_max_abs_error, output_tolerance } of compared)
    expect(output_max_abs_error).toBeLessThanOrEqual(output_tolerance!)
})

test('a model without end is given up after a minute, and the run goes on', async () => {
  const dir = await temporaryFolder()
  runJudge('make_hostile_models.py', [dir])
  const models = ['endless', 'growing', 'trapping'].flatMap((name) => ['--model', join(dir, `${name}.onnx`)])
  const flags = [...models, '--prover', './fixtures/provers/constant.ts', '--iterations', '1']
  const { rows, exitCode } = await runBench(dir, ['models'], flags)
  const verifies = rows.filter(({ phase }) => phase === 'verify')
  expect(verifies.map(({ point, status }) => `${point} ${status}`).toSorted()).toEqual([
    'endless ok',
    'growing ok',
    'trapping ok',
  ])
  const warnings = verifies.flatMap((row) => row.warnings ?? []).join('\n')
  expect(warnings).toContain('onnxruntime took longer than 60 s')
  expect(warnings).toContain('onnxruntime needs more than the 2048 MB that it may take')
  // The time for the model is not part of any figure.
  for (const { time_s } of verifies) expect(time_s).toBeLessThan(60)
  expect(exitCode).toBe(0)
})
