import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runInOnnxruntime } from '../../../scripts/judges/judge.ts'
import { cnnShape, type CnnParams, generateCnn, generateLenet } from './cnn.ts'
import { formatInput, generateInput } from '../input.ts'
import { encodeModel } from '../onnx.ts'
import { describeModel } from '../summary.ts'
import { writeModel } from '../write.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-generate-'))
afterAll(() => rmSync(folder, { recursive: true }))

const narrow = { in_ch: 2, conv_out_ch: 3, fc_hidden: 5, n_actions: 4, seed: 7 }
const CNNS: (CnnParams & { seed: number })[] = [
  { depth: 3, input_hw: 28, in_ch: 4, conv_out_ch: 16, fc_hidden: 128, n_actions: 10, seed: 0 },
  { depth: 1, input_hw: 2, ...narrow },
  { depth: 4, input_hw: 9, pool_cap: 0, ...narrow },
  { depth: 5, input_hw: 37, pool_cap: 5, ...narrow },
  { depth: 5, input_hw: 37, stop_at_hw: 9, ...narrow },
]

const LENET_INPUT_SHAPE = [1, 3, 32, 32]

const models = [
  { name: 'lenet', model: generateLenet({ seed: 0 }), shape: LENET_INPUT_SHAPE },
  ...CNNS.map((params) => {
    const name = `cnn_d${params.depth}_h${params.input_hw}_p${cnnShape(params).pool}`
    return { name, model: generateCnn(params), shape: [1, params.in_ch, params.input_hw, params.input_hw] }
  }),
].map(({ name, model, shape }) => ({ name, model, shape, values: generateInput(shape, { seed: 1 }) }))

const verdicts = runInOnnxruntime(
  models.map(({ name, model, shape, values }) => {
    const { path } = writeModel(join(folder, `${name}.onnx`), model)
    return { model: path, inputs: { input: { shape, values } } }
  }),
)

test.each(models.map(({ name }, index) => ({ name, verdict: verdicts[index]! })))(
  '$name passes the full check of onnx, and its outputs differ from one another',
  ({ verdict }) => {
    expect(verdict.error).toBeUndefined()
    const expected = verdict.outputs!['output']!
    expect(new Set(expected.values).size).toBe(expected.values.length)
  },
)

test.each(CNNS)('the shape of depth $depth at $input_hw counts what the model holds', (params) => {
  const { conv, pool, relu, param_count } = cnnShape(params)
  const { operators, param_count: held, opset, ir_version, producer } = describeModel(generateCnn(params))
  const { Conv = 0, MaxPool = 0, Relu = 0, ...others } = operators
  expect({ Conv, MaxPool, Relu, held }).toEqual({ Conv: conv, MaxPool: pool, Relu: relu, held: param_count })
  expect(others).toEqual({ Gemm: 2, Flatten: 1 })
  expect({ opset, ir_version, producer }).toEqual({ opset: 13, ir_version: 8, producer: 'provemark' })
})

const DEFAULT_SEED = 42

test('the fixtures are what the generator makes of the default seed', () => {
  const lenet = encodeModel(generateLenet({ seed: DEFAULT_SEED }))
  expect(readFileSync('fixtures/lenet.onnx').equals(lenet)).toBe(true)
  expect(describeModel(generateLenet({ seed: DEFAULT_SEED })).param_count).toBe(62_006)
  const input = formatInput(generateInput(LENET_INPUT_SHAPE, { seed: DEFAULT_SEED }))
  expect(readFileSync('fixtures/lenet_input.json', 'utf8')).toBe(input)
})

function digest(seed: number): string {
  const bytes = encodeModel(generateCnn({ ...CNNS[0]!, seed }))
  return createHash('sha256').update(bytes).digest('hex')
}

// The same on every machine: a changed digest makes runs incomparable and needs a line in the changelog.
test('the same seed gives the same bytes, another seed other weights', () => {
  expect([digest(0), digest(2 ** 40 + 1)]).toMatchInlineSnapshot(`
    [
      "4fd5f57a84552291834ba2db597e5c4b1965357a6d484c61f123f15c93e5c220",
      "d99853cf7502a0e15bc6894c8ab8e89149662a31a96abd60e5c4274acaa7094c",
    ]
  `)
  expect(new Set([0, 1, 2, 2 ** 32, 2 ** 40].map(digest)).size).toBe(5)
})
