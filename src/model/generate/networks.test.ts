import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runInOnnxruntime } from '../../../scripts/judges/judge.ts'
import { findIndexLimits, generateInputs } from '../input.ts'
import { encodeModel, type OnnxModel } from '../onnx.ts'
import { fixInputs } from '../ports.ts'
import { describeModel } from '../summary.ts'
import { writeModel } from '../write.ts'
import { ACTIVATIONS, generateMlp, generateResnet } from './networks.ts'
import { generateOperator, OPERATOR_NAMES } from './operators.ts'
import { generateTransformer, type TransformerParams } from './transformer.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-networks-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What onnx's full check and onnxruntime say of models, each with a random input. */
function judge(models: readonly OnnxModel[]) {
  return runInOnnxruntime(
    models.map((model, index) => {
      const { path } = writeModel(join(folder, `${index}.onnx`), model)
      const inputs = generateInputs(fixInputs(model), { seed: 1, indexLimits: findIndexLimits(model) })
      return { model: path, inputs: Object.fromEntries(inputs.map((input) => [input.name, input])) }
    }),
  )
}

function digest(model: OnnxModel): string {
  return createHash('sha256').update(encodeModel(model)).digest('hex')
}

const TRANSFORMERS: Omit<TransformerParams, 'form'>[] = [
  { layers: 1, heads: 2, d_model: 16, seq_len: 8, vocab: 32 },
  { layers: 2, heads: 3, d_model: 12, seq_len: 5, vocab: 7 },
  { layers: 4, heads: 4, d_model: 64, seq_len: 64, vocab: 65 },
]

test('both forms of a transformer pass the full check of onnx, and give the same logits', () => {
  const models = TRANSFORMERS.flatMap((params) =>
    (['decomposed', 'operators'] as const).map((form) => generateTransformer({ ...params, form, seed: 3 })),
  )
  const logits = judge(models).map(
    ({ outputs, error }) => outputs?.['logits'] ?? { shape: [], values: [], error },
  )
  for (const [index, { seq_len, vocab }] of TRANSFORMERS.entries()) {
    const [decomposed, whole] = [logits[2 * index]!, logits[2 * index + 1]!]
    expect(decomposed.shape).toEqual([1, seq_len, vocab])
    const largest = Math.max(...decomposed.values.map((value, at) => Math.abs(value - whole.values[at]!)))
    expect(largest).toBeLessThan(1e-4)
    // A collapsed model gives every position the same logits.
    const top = Array.from({ length: seq_len }, (_, position) => {
      const own = decomposed.values.slice(position * vocab, (position + 1) * vocab)
      return own.indexOf(Math.max(...own))
    })
    expect(new Set(top).size).toBeGreaterThan(1)
    expect(Math.max(...decomposed.values)).toBeGreaterThan(3)
  }
})

test('the logits of a position do not depend on the tokens behind it', () => {
  const params = { ...TRANSFORMERS[0]!, form: 'decomposed', seed: 3 } as const
  const { path } = writeModel(join(folder, 'causal.onnx'), generateTransformer(params))
  const tokens = (last: number) => ({ tokens: { shape: [1, 8], values: [1, 2, 3, 4, 5, 6, 7, last] } })
  const [a, b] = runInOnnxruntime([8, 9].map((last) => ({ model: path, inputs: tokens(last) })))
  const [before, after] = [a!.outputs!['logits']!.values, b!.outputs!['logits']!.values]
  expect(before.slice(0, 7 * 32)).toEqual(after.slice(0, 7 * 32))
  expect(before.slice(7 * 32)).not.toEqual(after.slice(7 * 32))
})

test('the forms have the operators and operator sets of their exporters', () => {
  const [decomposed, whole] = (['decomposed', 'operators'] as const).map((form) =>
    describeModel(generateTransformer({ ...TRANSFORMERS[2]!, form, seed: 0 })),
  )
  expect(decomposed).toMatchObject({ opset: 16, operators: { Erf: 4, Softmax: 4, Sqrt: 9 } })
  expect(whole).toMatchObject({
    opset: 20,
    param_count: 212_482,
    operators: { Gelu: 4, LayerNormalization: 9 },
  })
})

const NETWORKS = [
  ...ACTIVATIONS.map((activation) => generateMlp({ layers: 16, width: 32, activation, seed: 5 })),
  generateResnet({ blocks: 1, channels: 4, input_hw: 8, seed: 5 }),
  generateResnet({ blocks: 9, channels: 16, input_hw: 32, seed: 5 }),
  generateResnet({ blocks: 4, channels: 3, input_hw: 5, seed: 5 }),
]

test('perceptrons and residual networks pass the full check of onnx, and deep ones do not collapse', () => {
  for (const { outputs, error } of judge(NETWORKS)) {
    expect(error).toBeUndefined()
    const { shape, values } = outputs!['output']!
    expect(shape).toEqual([1, 10])
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.1)
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(100)
  }
})

test('three blocks make ResNet-8, nine ResNet-20', () => {
  const made = [3, 9].map((blocks) =>
    describeModel(generateResnet({ blocks, channels: 16, input_hw: 32, seed: 0 })),
  )
  // Layers with weights on the main path; the two shortcuts with weights are not counted.
  expect(made.map(({ operators }) => operators['Conv']! - 2 + operators['Gemm']!)).toEqual([8, 20])
  expect(() => generateResnet({ blocks: 3, channels: 4, input_hw: 3, seed: 0 })).toThrow('below 1')
})

const SIZES = [32, 128, 512, 50]

test('models of one operator pass the full check of onnx, and are of the size that their name says', () => {
  const made = OPERATOR_NAMES.flatMap((op) =>
    SIZES.map((size) => ({ op, size, model: generateOperator(op, size, 7) })),
  )
  const verdicts = judge(made.map(({ model }) => model))
  const images = new Set([
    'AveragePool',
    'BatchNormalization',
    'Conv',
    'ConvTranspose',
    'GlobalAveragePool',
    'GridSample',
    'MaxPool',
    'Pad',
    'Resize',
  ])
  for (const [index, { op, size, model }] of made.entries()) {
    expect({ op, size, error: verdicts[index]!.error }).toEqual({ op, size, error: undefined })
    const { shape } = fixInputs(model)[0]!
    const values = shape.reduce((product, side) => product * side)
    expect({ op, size, values }).toEqual({ op, size, values: images.has(op) ? 2 * size : size })
    expect(describeModel(model).operators).toHaveProperty(op)
  }
})

// The same on every machine: a changed digest makes runs incomparable and needs a line in the changelog.
test('the same seed gives the same bytes', () => {
  const transformer = { ...TRANSFORMERS[0]!, form: 'decomposed' } as const
  expect(digest(generateTransformer({ ...transformer, seed: 0 }))).toMatchInlineSnapshot(
    `"b093967af73934a6cf4b31472c0ba014e4dbc8cffe6cefd9b55968b2f27163dc"`,
  )
  const operators = OPERATOR_NAMES.map((op) => digest(generateOperator(op, 32, 0)))
  expect(createHash('sha256').update(operators.join()).digest('hex')).toMatchInlineSnapshot(
    `"0af5e128b8364366b19750094660a70b0c31f5e0fe5a49f62df8a1ce61220002"`,
  )
  expect(digest(generateMlp({ layers: 2, width: 8, activation: 'relu', seed: 0 }))).toMatchInlineSnapshot(
    `"1d171ea95b5e36ae6e5c39b808db652ec2b65cd3b88c51ccbf911475634fe7ed"`,
  )
  expect(digest(generateResnet({ blocks: 3, channels: 4, input_hw: 8, seed: 0 }))).toMatchInlineSnapshot(
    `"cbdc2209b6ded34ef0b7251282ceed4edcdc0cb5b92a0e66c904d473dd1cfcc7"`,
  )
  expect(digest(generateTransformer({ ...transformer, seed: 1 }))).not.toBe(
    digest(generateTransformer({ ...transformer, seed: 0 })),
  )
})
