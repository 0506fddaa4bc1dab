import { expect, test } from 'vitest'
import { reference } from '../reference/reference.ts'
import {
  DATA_TYPE,
  encodeModel,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxModel,
} from './onnx.ts'
import { decodeHeaders } from './file.ts'
import { findIndexLimits } from './input.ts'
import { makeMessage } from './proto/schema.ts'
import { measureWorkload } from './workload.ts'

const autoPad = (mode: string) =>
  makeMessage('AttributeProto', { name: 'auto_pad', s: new TextEncoder().encode(mode), type: 3 })

/** A window over 1 x 2 x 11 x 8, and a convolution of one value each behind it, whose output has its sides. */
function makeWindow(
  op: 'Conv' | 'MaxPool',
  attributes: Record<string, number | number[]>,
  mode: string,
): OnnxModel {
  const isConv = op === 'Conv'
  const window = makeNode(op, 'window', isConv ? ['x', 'w'] : ['x'], ['v'], attributes)
  if (mode) window.attribute.push(autoPad(mode))
  return makeModel({
    node: [window, makeNode('Conv', 'one', ['v', 'u'], ['y'])],
    initializer: [
      makeTensor('w', [2, 1, 3, 2], new Float32Array(12)),
      makeTensor('u', [1, 2, 1, 1], new Float32Array(2)),
    ],
    input: [makeValueInfo('x', [1, 2, 11, 8])],
    output: [
      {
        ...makeValueInfo('y', []),
        type: makeMessage('TypeProto', { tensor_type: makeMessage('TensorTypeProto', { elem_type: 1 }) }),
      },
    ],
  })
}

test(
  'the work behind a window is that of the sides which onnxruntime gives it',
  { timeout: 120_000 },
  async () => {
    const strides = [
      [1, 1],
      [2, 3],
      [3, 2],
    ]
    const cases = strides.flatMap((stride) => [
      ...['', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].flatMap((mode) => [
        makeWindow('Conv', { group: 2, kernel_shape: [3, 2], strides: stride }, mode),
        makeWindow('MaxPool', { kernel_shape: [3, 2], strides: stride }, mode),
      ]),
      makeWindow(
        'Conv',
        { group: 2, kernel_shape: [3, 2], strides: stride, dilations: [2, 3], pads: [1, 0, 2, 1] },
        '',
      ),
      ...[
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [2, 0, 1, 1],
      ].map((pads) =>
        makeWindow('MaxPool', { ceil_mode: 1, kernel_shape: [3, 2], strides: stride, pads }, ''),
      ),
    ])
    for (const model of cases) {
      const [output] = await reference.infer(model, [new Float32Array(176)])
      const isConv = model.graph!.node[0]!.op_type === 'Conv'
      const size = output!.values.length
      // Per value of the output: two of the last convolution, and six for each of two channels of the first one.
      const attributes = model.graph!.node[0]!.attribute
      const expected = size * (2 + (isConv ? 12 : 0))
      expect({ attributes, work: measureWorkload(model).convMultiplications }).toEqual({
        attributes,
        work: expected,
      })
    }
    await reference.close()
  },
)

const stated = (name: string, shape: number[]) => makeValueInfo(name, shape)
const product = makeNode('MatMul', 'product', ['v', 'w'], ['y'])
const weights = makeTensor('w', [6, 5], new Float32Array(30))

test('the work behind a Reshape counts, whether its target is stored or computed in the graph', () => {
  const target = { ...makeTensor('t', [2], new Float32Array(0)), data_type: DATA_TYPE.INT64 }
  target.raw_data = new Uint8Array(new BigInt64Array([-1n, 6n]).buffer)
  const six = makeNode('Constant', 'six', [], ['c'])
  six.attribute = [makeMessage('AttributeProto', { name: 'value_ints', ints: [6] })]
  const computed = [
    makeNode('Shape', 's', ['x'], ['sides'], { start: 0, end: 1 }),
    makeNode('Shape', 'e', ['w'], ['inner'], { start: 0, end: 1 }),
    makeNode('Div', 'd', ['sides', 'inner'], ['n']),
    six,
    makeNode('Concat', 'join', ['n', 'c'], ['t'], { axis: 0 }),
  ]
  for (const [node, initializer] of [
    [[], [weights, target]],
    [computed, [weights]],
  ] as const) {
    const graph = makeModel({
      node: [...node, makeNode('Reshape', 'r', ['x', 't'], ['v']), product],
      initializer: [...initializer],
      input: [stated('x', [18])],
    })
    const work = measureWorkload(decodeHeaders(encodeModel(graph), 'graph'))
    expect(work).toMatchObject({ denseMultiplications: 3 * 6 * 5, layerOutputs: 15, functionOutputs: 0 })
  }
})

test('the shape behind an operator without a rule is the one that the file states, or unknown', () => {
  const node = [makeNode('NonZero', 'odd', ['x'], ['v']), product, makeNode('Exp', 'e', ['y'], ['z'])]
  const graph = { node, initializer: [weights], input: [stated('x', [4])] }
  expect(measureWorkload(makeModel(graph))).toMatchObject({
    denseMultiplications: undefined,
    functionOutputs: undefined,
    unknown: 'odd (NonZero)',
  })
  const known = measureWorkload(makeModel({ ...graph, value_info: [stated('v', [2, 6])] }))
  expect(known).toMatchObject({ denseMultiplications: 2 * 6 * 5, functionOutputs: 2 * 6 + 2 * 5 })
  expect(known).not.toHaveProperty('unknown')
})

const integers = (name: string, ...values: number[]) =>
  makeTensor(name, [values.length], BigInt64Array.from(values, BigInt))
const pair = integers('a', 1, 2)

test.each([
  makeNode('Concat', 'odd', ['x', 'x'], ['v'], { axis: 9 }),
  makeNode('Split', 'odd', ['x'], ['v', 'u'], { axis: 9 }),
  makeNode('TopK', 'odd', ['x', 'a'], ['v', 'i'], { axis: -9 }),
  makeNode('Range', 'odd', ['a', 'a'], ['v']),
  makeNode('Gather', 'odd', ['a'], ['v']),
  makeNode('Where', 'odd', ['a'], ['v']),
  makeNode('constructor', 'odd', ['x'], ['v']),
  makeNode('__proto__', 'odd', ['x', 'a'], ['v']),
])('a $op_type without the operands and attributes that it needs gives a value of unknown shape', (odd) => {
  const graph = {
    node: [odd, product],
    initializer: [weights, pair],
    input: [stated('x', [2, 6])],
  }
  expect(measureWorkload(makeModel(graph)).denseMultiplications).toBe(
    // What a node computes from constants alone is no work.
    odd.input.includes('x') ? undefined : 0,
  )
  const model = makeModel({ ...graph, value_info: [stated('v', [2, 6])] })
  expect(measureWorkload(model).layerOutputs).toBe(odd.input.includes('x') ? 10 : 0)
  expect(findIndexLimits(model)).toEqual(new Map())
})

test('operators of other domains are not those of the same name in the default domain', () => {
  const mine = (name: string, inputs: string[], output: string) => ({
    ...makeNode(name, name, inputs, [output]),
    domain: 'mine',
  })
  const reshape = makeNode('Reshape', 'r', ['x', 't'], ['v'])
  const graph = {
    node: [mine('Shape', ['x'], 't'), reshape, product],
    initializer: [weights],
    value_info: [stated('t', [2])],
    input: [stated('x', [2, 6])],
  }
  expect(measureWorkload(makeModel(graph)).unknown).toBe('r (Reshape)')
  const copied = { ...graph, node: [mine('Neg', ['a'], 't'), reshape, product] }
  const added = { ...copied, node: [mine('Add', ['a', 'a'], 't'), reshape, product] }
  for (const own of [copied, added]) {
    const model = makeModel({ ...own, initializer: [weights, integers('a', 2, 6)] })
    expect(measureWorkload(model).unknown).toBe('r (Reshape)')
  }
  const layer = { ...graph, node: [mine('MatMul', ['x', 'w'], 'y')], value_info: [stated('y', [2, 5])] }
  expect(measureWorkload(makeModel(layer))).toMatchObject({ layers: 0, layerOutputs: 0, functionOutputs: 10 })
  const constant = mine('Constant', [], 'w')
  constant.attribute = [makeMessage('AttributeProto', { name: 'value', t: weights })]
  const model = makeModel({ node: [constant, product], input: [stated('x', [2, 6])] })
  expect(measureWorkload(model).param_count).toBe(0)
})

test('the work of a model of many nodes in a row is counted', () => {
  const values = Array.from({ length: 20_000 }, (_, index) => `v${index}`)
  const node = values.slice(1).map((name, index) => makeNode('Relu', name, [values[index]!], [name]))
  const square = makeNode('Mul', 'square', [values.at(-1)!, values.at(-1)!], ['y'])
  const model = makeModel({ node: [...node, square], input: [stated(values[0]!, [2, 6])] })
  expect(measureWorkload(model)).toMatchObject({ layers: 0, functionOutputs: 12 })
})
