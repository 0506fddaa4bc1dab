import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { runInOnnxruntime } from '../../scripts/judges/judge.ts'
import { makeModel, makeNode, makeTensor, makeValueInfo, type AttributeValue } from './build.ts'
import { inferModel } from './infer.ts'
import { generateInput } from './input.ts'
import { encodeModel, type OnnxModel, type OnnxTensor } from './onnx.ts'
import { makeMessage } from './proto/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-infer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CASES = 150
const SEED = 20

interface Layer {
  op: string
  shape: number[]
  attributes: Record<string, AttributeValue>
  stored: { name: string; dims: number[] }[]
  rank: number
}

const small = fc.integer({ min: 1, max: 3 })
const pair = fc.tuple(small, small).map((sides): number[] => sides)
// The widest kernel, three values with dilation 3, reaches over seven.
const side = fc.integer({ min: 7, max: 10 })
const flag = fc.integer({ min: 0, max: 1 })
const scale = fc.integer({ min: -4, max: 4 }).map((quarters) => ({ float: quarters / 4 }))

function padsBelow(kernel: readonly number[]): fc.Arbitrary<number[]> {
  // onnxruntime refuses pads that reach the kernel's size.
  return fc.tuple(...[0, 1, 0, 1].map((axis) => fc.integer({ min: 0, max: kernel[axis]! - 1 })))
}

const conv = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: small,
    inner: small,
    outer: small,
    kernel: pair,
    rows: side,
    columns: side,
  })
  .chain(({ batch, groups, inner, outer, kernel, rows, columns }) =>
    fc
      .oneof(
        fc.record({ pads: padsBelow(kernel), strides: pair, dilations: pair }),
        fc
          .record({ pads: padsBelow(kernel), strides: pair, dilations: pair })
          .map(({ strides }) => ({ strides })),
      )
      .map((window): Layer => ({
        op: 'Conv',
        shape: [batch, groups * inner, rows, columns],
        attributes: { ...window, group: groups, kernel_shape: kernel },
        stored: [
          { name: 'w', dims: [groups * outer, inner, ...kernel] },
          { name: 'b', dims: [groups * outer] },
        ],
        rank: 4,
      })),
  )

const pool = fc
  .record({
    op: fc.constantFrom('MaxPool', 'AveragePool'),
    kernel: pair,
    strides: pair,
    rows: side,
    columns: side,
    ceil_mode: flag,
    count_include_pad: flag,
    dilations: pair,
  })
  .chain(({ op, kernel, strides, rows, columns, ceil_mode, count_include_pad, dilations }) =>
    padsBelow(kernel).map((pads): Layer => ({
      op,
      shape: [1, 2, rows, columns],
      attributes: {
        kernel_shape: kernel,
        strides,
        pads,
        ceil_mode,
        ...(op === 'MaxPool' ? { dilations } : { count_include_pad }),
      },
      stored: [],
      rank: 4,
    })),
  )

const gemm = fc
  .record({
    rows: small,
    inner: small,
    columns: small,
    transA: flag,
    transB: flag,
    alpha: scale,
    beta: scale,
    wide: flag,
    tall: flag,
  })
  .map(({ rows, inner, columns, wide, tall, ...attributes }): Layer => ({
    op: 'Gemm',
    shape: attributes.transA ? [inner, rows] : [rows, inner],
    attributes,
    stored: [
      { name: 'b', dims: attributes.transB ? [columns, inner] : [inner, columns] },
      { name: 'c', dims: [tall ? rows : 1, wide ? columns : 1] },
    ],
    rank: 2,
  }))

const stacks = fc
  .record({ rows: small, inner: small, columns: small, stack: small, left: flag, right: flag })
  .map(({ rows, inner, columns, stack, left, right }): Layer => ({
    op: 'MatMul',
    shape: [2, left ? stack : 1, rows, inner],
    attributes: {},
    stored: [{ name: 'b', dims: [right ? stack : 1, inner, columns] }],
    rank: 4,
  }))

const sums = fc
  .record({ sides: fc.tuple(small, small, small), kept: fc.tuple(flag, flag, flag) })
  .map(({ sides, kept }): Layer => ({
    op: 'Add',
    shape: [...sides],
    attributes: {},
    stored: [{ name: 'b', dims: sides.map((size, axis) => (kept[axis] ? size : 1)) }],
    rank: 3,
  }))

const axes = fc
  .record({
    op: fc.constantFrom('Softmax', 'Flatten'),
    sides: fc.tuple(small, small, small),
    axis: fc.integer({ min: -3, max: 2 }),
  })
  .map(({ op, sides, axis }): Layer => ({
    op,
    shape: [...sides],
    attributes: { axis },
    stored: [],
    rank: op === 'Flatten' ? 2 : 3,
  }))

function buildModel({ op, shape, attributes, stored, rank }: Layer): OnnxModel {
  const initializer = stored.map(({ name, dims }, index): OnnxTensor =>
    makeTensor(name, dims, generateInput(dims, { seed: SEED, index: index + 1 })),
  )
  const output = makeValueInfo('y', [])
  const dim = Array.from({ length: rank }, (_, axis) =>
    makeMessage('DimensionProto', { dim_param: `side_${axis}` }),
  )
  output.type!.tensor_type!.shape = makeMessage('TensorShapeProto', { dim })
  return makeModel({
    name: 'layer',
    node: [makeNode(op, 'layer', ['x', ...stored.map(({ name }) => name)], ['y'], attributes)],
    initializer,
    input: [makeValueInfo('x', shape)],
    output: [output],
  })
}

const layers = fc.sample(fc.oneof(conv, pool, gemm, stacks, sums, axes), { seed: SEED, numRuns: CASES })
const cases = layers.map((layer, index) => {
  const path = join(folder, `${index}.onnx`)
  const model = buildModel(layer)
  writeFileSync(path, encodeModel(model))
  return { layer, path, model, values: generateInput(layer.shape, { seed: SEED }) }
})
const verdicts = runInOnnxruntime(
  cases.map(({ path, layer: { shape }, values }) => ({ model: path, inputs: { x: { shape, values } } })),
)

test(`${CASES} random layers agree with onnxruntime in shape and within 1e-4`, () => {
  const failures = cases.flatMap(({ layer, model, values }, index) => {
    const { error, outputs } = verdicts[index]!
    const [given] = inferModel(model, [values]).outputs
    const expected = outputs?.['y']
    const agrees =
      expected !== undefined &&
      given!.shape.join() === expected.shape.join() &&
      expected.values.every((value, at) => Math.abs(given!.values[at]! - value) < 1e-4)
    return agrees ? [] : [{ layer, error, given, expected }]
  })
  expect(failures).toEqual([])
  expect(new Set(layers.map(({ op }) => op)).size).toBe(8)
})
