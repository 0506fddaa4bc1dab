import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runInOnnxruntime, runJudge } from '../../scripts/judges/judge.ts'
import { generateInputs } from './input.ts'
import { decodeModel, encodeModel } from './onnx.ts'
import { readHeaders, readModel } from './file.ts'
import { fixInputs } from './ports.ts'
import { summarizeModel } from './summary.ts'
import { makeWhole } from './write.ts'
import { writeCopy } from './write.ts'

interface OddModel {
  name: string
  path: string
  inputs: Record<string, number[]>
  weights: number
  opset: number
}

const folder = mkdtempSync(join(tmpdir(), 'provemark-odd-'))
afterAll(() => rmSync(folder, { recursive: true }))

const models = JSON.parse(runJudge('make_odd_models.py', [folder])) as OddModel[]
const feeds = models.map(({ path }) => generateInputs(fixInputs(readModel(path)), { seed: 5 }))
const verdicts = runInOnnxruntime(
  models.map(({ path }, index) => ({
    model: path,
    inputs: Object.fromEntries(feeds[index]!.map(({ name, ...port }) => [name, port])),
  })),
)

test('the models cover every operator set from 9 to the newest of onnx', () => {
  const newest = Number(runJudge('newest_opset.py', []))
  const opsets = new Set(models.map(({ opset }) => opset))
  expect([...opsets].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: newest - 8 }, (_, index) => index + 9),
  )
})

test.each(models)('$name is summarized rightly', async ({ path, inputs, weights, opset }) => {
  const summary = await summarizeModel(path)
  expect(summary.param_count).toBe(weights)
  expect(summary.opset).toBe(opset)
  expect(summary.inputs.map(({ name }) => name)).toEqual(Object.keys(inputs))
  expect(fixInputs(readModel(path))).toEqual(
    Object.entries(inputs).map(([name, shape]) => ({ name, shape, type: 'float32' })),
  )
})

test('external data and Constant nodes are told apart from initializers in the file', async () => {
  const external = await summarizeModel(join(folder, 'external.onnx'))
  expect(external.initializers).toEqual({
    in_file: { count: 0, params: 0, bytes: 0 },
    external: { count: 7, params: 88, bytes: 352 },
    constant_nodes: { count: 0, params: 0, bytes: 0 },
    ml_attributes: { count: 0, params: 0, bytes: 0 },
    other_constants: { count: 0, params: 0, bytes: 0 },
  })
  const constants = await summarizeModel(join(folder, 'constants.onnx'))
  expect(constants.initializers.constant_nodes).toEqual({
    count: 3,
    params: 22,
    bytes: 18 * 4 + 3 * 4 + 4,
  })
  expect(constants.initializers.other_constants).toEqual({ count: 1, params: 2, bytes: 16 })
  expect(constants.initializers.in_file.count).toBe(0)
})

test('an open side is shown by its name', async () => {
  const { inputs } = await summarizeModel(join(folder, 'dynamic.onnx'))
  expect(inputs).toEqual([{ name: 'x', shape: ['N', 2, 4, 5], type: 'float32' }])
})

test('a copy in one file with a fixed batch says what the model says, and only where it is needed', async () => {
  const copies = models.flatMap(({ name, path }, index) => {
    const model = makeWhole(path, readHeaders(path).model)
    return model ? [{ name, index, path: writeCopy(join(folder, 'copies', `${name}.onnx`), model) }] : []
  })
  expect(copies.map(({ name }) => name)).toEqual(['dynamic', 'external'])
  const judged = runInOnnxruntime(
    copies.map(({ path, index }) => ({
      model: path,
      inputs: Object.fromEntries(feeds[index]!.map(({ name, ...port }) => [name, port])),
    })),
  )
  for (const [at, { path, index }] of copies.entries()) {
    expect(judged[at]).toEqual(verdicts[index])
    const { inputs, initializers } = await summarizeModel(path)
    expect(inputs).toEqual([{ name: 'x', shape: [1, 2, 4, 5], type: 'float32' }])
    expect(initializers.external.count).toBe(0)
  }
})

test.each(models)('$name survives writing and reading again', ({ path }) => {
  const model = readModel(path)
  expect(decodeModel(encodeModel(model))).toEqual(model)
})
