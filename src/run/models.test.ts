import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { digestFile } from '../lib/files.ts'
import { encodeModel, makeModel, makeNode, makeValueInfo } from '../model/onnx.ts'
import { summarizeModel } from '../model/summary.ts'

const TOY = ['--prover', './fixtures/provers/toy.ts', '--iterations', '1']
const LENET = 'fixtures/lenet.onnx'

test('models by path and by glob, two of the same name told apart by their folders', async () => {
  const dir = await temporaryFolder()
  await mkdir(join(dir, 'a'))
  await mkdir(join(dir, 'b'))
  await copyFile(LENET, join(dir, 'a/net.onnx'))
  await copyFile(LENET, join(dir, 'b/net.onnx'))
  const { rows, exitCode } = await runBench(
    dir,
    ['models'],
    // A model matched by two patterns still counts once.
    [...TOY, '--model', `${dir}/*/net.onnx`, '--model', LENET, '--model', `${dir}/*/net.onnx`],
  )
  const compiles = rows.filter(({ phase }) => phase === 'compile')
  expect(compiles.map(({ point, param_count }) => [point, param_count])).toEqual([
    ['a_net', 62_006],
    ['b_net', 62_006],
    ['lenet', 62_006],
  ])
  expect(exitCode).toBe(0)
})

test('files that one id would stand for are named', async () => {
  const dir = await temporaryFolder()
  const files = ['a/net', 'a_net', 'b/net', 'net\u0001', 'net\u0002'].map((name) => join(dir, `${name}.onnx`))
  await Promise.all(['a', 'b'].map((folder) => mkdir(join(dir, folder))))
  await Promise.all(files.map((file) => copyFile(LENET, file)))
  const collide = (pattern: string) =>
    runBench(dir, ['models'], [...TOY, '--model', `${dir}/${pattern}`, '--dry-run'])
  const [folders, controls] = await Promise.all(['**/*net.onnx', 'net?.onnx'].map(collide))
  expect([folders!.exitCode, controls!.exitCode]).toEqual([2, 2])
  expect(folders!.output).toContain('CONFIG_INVALID: 1 problem, nothing was run')
  expect(folders!.output).toMatch(/two points have the id "a_net".*\/a_net\.onnx" and "\S+\/a\/net\.onnx"/)
  expect(controls!.output).toMatch(/two points have the id .*net\\u0001\.onnx" and "\S+net\\u0002\.onnx"/)
})

test('files that a glob matches are ordered by the numbers in their names', async () => {
  const dir = await temporaryFolder()
  const sizes = [256, 16, 64, 8]
  await Promise.all(sizes.map((size) => copyFile(LENET, join(dir, `dense${size}.onnx`))))
  const flags = [...TOY, '--model', `${dir}/dense*.onnx`, '--dry-run']
  const { output } = await runBench(dir, ['models'], flags)
  const listed = [...output.matchAll(/\bdense\d+\b/g)].map(([name]) => name)
  expect([...new Set(listed)]).toEqual(['dense8', 'dense16', 'dense64', 'dense256'])
})

test('a path or a glob may be written as on Windows', async () => {
  const dir = await temporaryFolder()
  await mkdir(join(dir, 'nets'))
  for (const name of ['a', 'b', 'c']) await copyFile(LENET, join(dir, `nets/${name}.onnx`))
  const windows = (path: string) => join(dir, path).replaceAll('/', '\\')
  const models = ['--model', windows('nets/[ab].onnx'), '--model', windows('nets/c.onnx')]
  const { output, exitCode } = await runBench(dir, ['models'], [...TOY, ...models, '--dry-run'])
  expect(output).toMatch(/\ba\b[^]*\bb\b[^]*\bc\b/)
  expect(output).toContain('3 points')
  expect(exitCode).toBe(0)
})

test('an input of the user is taken, and its folder stays as it is', async () => {
  const dir = await temporaryFolder()
  const flags = [...TOY, '--model', LENET, '--input', 'fixtures/lenet_input.json']
  const { rows, exitCode } = await runBench(dir, ['models'], flags)
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(exitCode).toBe(0)
})

test('a prover is given an open batch as 1, and rows are of the file that was named', async () => {
  const dir = await temporaryFolder()
  const path = join(dir, 'open.onnx')
  const open = makeModel({
    node: [makeNode('Relu', 'only', ['x'], ['y'])],
    input: [makeValueInfo('x', [0, 4])],
    output: [makeValueInfo('y', [1, 4])],
  })
  await writeFile(path, encodeModel(open))
  const flags = ['--prover', './fixtures/provers/command.ts', '--iterations', '1', '--model', path]
  const { rows } = await runBench(dir, ['models'], flags)
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(rows[0]).toMatchObject({ model: path, model_sha256: await digestFile(path) })
  const given = rows[0]!.cmd![2]!
  expect((await summarizeModel(given)).inputs).toEqual([{ name: 'x', shape: [1, 4], type: 'float32' }])
  expect((await summarizeModel(path)).inputs).toEqual([{ name: 'x', shape: ['?', 4], type: 'float32' }])
})

test('generated inputs are drawn as asked for', async () => {
  const dir = await temporaryFolder()
  const flags = [...TOY, '--model', LENET, '--input-values', 'zero']
  const { rows } = await runBench(dir, ['models'], flags)
  const { input } = JSON.parse(await readFile(join(dir, 'inputs/lenet_input.json'), 'utf8')) as {
    input: number[]
  }
  expect(input).toEqual(Array.from({ length: 3072 }, () => 0))
  expect(rows[0]!.input_sha256).toBe(await digestFile(join(dir, 'inputs/lenet_input.json')))
})

test('a model that cannot be read fails its own point with a typed row', async () => {
  const dir = await temporaryFolder()
  const broken = join(dir, 'broken.onnx')
  await writeFile(broken, 'no model')
  const { rows, exitCode } = await runBench(dir, ['models'], [...TOY, '--model', broken, '--model', LENET])
  expect(rows[0]).toMatchObject({ status: 'failed', return_code: null, error: { code: 'MODEL_UNREADABLE' } })
  expect(rows.filter(({ point }) => point === 'lenet').map(({ status }) => status)).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
  ])
  expect(exitCode).toBe(1)
})

test('an input of the wrong size is refused with both sizes', async () => {
  const dir = await temporaryFolder()
  const input = join(dir, 'short.json')
  await writeFile(input, '{"input": [1, 2, 3]}')
  const { rows } = await runBench(dir, ['models'], [...TOY, '--model', LENET, '--input', input])
  expect(rows[0]).toMatchObject({ status: 'failed', error: { code: 'INPUT_INVALID' } })
  expect(rows[0]!.error!.message).toMatch(/3072.*3\b/s)
})

test('models of one name in folders of one name are told apart by the folders above', async () => {
  const dir = await temporaryFolder()
  for (const folder of ['a/v1', 'b/v1']) {
    await mkdir(join(dir, folder), { recursive: true })
    await copyFile(LENET, join(dir, folder, 'net.onnx'))
  }
  const { output } = await runBench(dir, ['models'], [...TOY, '--model', `${dir}/**/net.onnx`, '--dry-run'])
  expect(output).toContain('a_v1_net')
  expect(output).toContain('b_v1_net')
})

test('models that are not there are refused before anything runs', async () => {
  const dir = await temporaryFolder()
  const { exitCode, output, rows } = await runBench(
    dir,
    ['models'],
    [...TOY, '--model', join(dir, 'none.onnx'), '--model', LENET, '--model', `${dir}/*.onnx`],
  )
  expect(output).toContain(
    `no file matches ${JSON.stringify(join(dir, 'none.onnx'))}, nor ${JSON.stringify(`${dir}/*.onnx`)}`,
  )
  expect(rows).toEqual([])
  expect(exitCode).toBe(2)
  const input = await runBench(dir, ['models'], [...TOY, '--model', LENET, '--input', 'none.npy'])
  expect(input.output).toContain('input: no file matches "none.npy"')
  expect(input.exitCode).toBe(2)
})
