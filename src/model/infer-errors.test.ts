import { expect, test } from 'vitest'
import { makeModel, makeNode, makeTensor, makeValueInfo, type AttributeValue } from './build.ts'
import { inferModel } from './infer.ts'
import { generateLenet } from './lenet.ts'
import type { OnnxModel } from './onnx.ts'

const SHAPE = [1, 2, 4, 4]
const VALUES = new Float32Array(32)

function makeLayer(
  op: string,
  attributes: Record<string, AttributeValue> = {},
  weights?: number[],
): OnnxModel {
  const size = weights?.reduce((product, side) => product * side, 1) ?? 0
  return makeModel({
    node: [makeNode(op, 'layer', weights ? ['x', 'w'] : ['x'], ['y'], attributes)],
    initializer: weights ? [makeTensor('w', weights, new Float32Array(size))] : [],
    input: [makeValueInfo('x', SHAPE)],
    output: [makeValueInfo('y', [1])],
  })
}

test.each([
  ['an unknown operator', makeLayer('Einsum'), 'node layer: the reference inference does not know Einsum'],
  ['a missing input', makeLayer('Conv'), 'node layer (Conv): input 1 is missing'],
  [
    'too few channels',
    makeLayer('Conv', {}, [2, 3, 1, 1]),
    'weights [2, 3, 1, 1] in 1 groups do not fit 2 channels',
  ],
  [
    'a stride of 0',
    makeLayer('MaxPool', { kernel_shape: [2, 2], strides: [0, 1] }),
    'strides and dilations of at least 1',
  ],
  ['a kernel too large', makeLayer('AveragePool', { kernel_shape: [5, 5] }), 'larger than its padded input'],
  [
    'huge pads',
    makeLayer('Conv', { pads: [2e9, 2e9, 2e9, 2e9] }, [1, 2, 1, 1]),
    'more than the reference inference takes on',
  ],
  ['no fitting shape', makeLayer('MatMul', {}, [3, 3]), '[1, 2, 4, 4] and [3, 3] do not fit'],
  ['sides that do not add', makeLayer('Add', {}, [3]), '[1, 2, 4, 4] and [3] cannot be added'],
  ['an axis that is not there', makeLayer('Flatten', { axis: 7 }), 'axis 7 of 4 is not there'],
])('%s is refused by the name of the node', (_, model, message) => {
  expect(() => inferModel(model, [VALUES])).toThrow(
    expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining(message) }),
  )
})

test('an operator of another domain is not taken for the one of the same name', () => {
  const model = makeLayer('Relu')
  model.graph!.node[0]!.domain = 'com.example'
  expect(() => inferModel(model, [VALUES])).toThrow('does not know com.example::Relu')
})

test('inputs that do not fit, and outputs that no node makes, are refused', () => {
  expect(() => inferModel(makeLayer('Relu'), [[1]])).toThrow(
    expect.objectContaining({
      code: 'INPUT_INVALID',
      message: 'input x [1, 2, 4, 4]: 32 values are expected, 1 given',
    }),
  )
  expect(() => inferModel(makeLayer('Relu'), [])).toThrow('32 values are expected, none given')
  const model = makeLayer('Relu')
  model.graph!.output = [makeValueInfo('z', [1])]
  expect(() => inferModel(model, [VALUES])).toThrow('no node makes the output z')
})

test('an open batch side counts as 1, another open side is refused', () => {
  const model = makeLayer('Relu')
  const { dim } = model.graph!.input[0]!.type!.tensor_type!.shape!
  dim[0] = { dim_param: 'batch' }
  expect(inferModel(model, [VALUES]).outputs[0]!.shape).toEqual(SHAPE)
  dim[2] = { dim_value: -1 }
  expect(() => inferModel(model, [VALUES])).toThrow('open shape [batch, 2, ?, 4]')
  delete model.graph!.input[0]!.type!.tensor_type!.shape
  expect(() => inferModel(model, [VALUES])).toThrow('input x has no shape')
})

test('work beyond the given limit is refused before it is done', () => {
  const lenet = generateLenet({ seed: 1 })
  expect(() => inferModel(lenet, [new Float32Array(3072)], { maxSteps: 100_000 })).toThrow(
    'node conv1 (Conv)',
  )
  expect(inferModel(lenet, [new Float32Array(3072)], { maxSteps: 1_000_000 }).outputs).toHaveLength(1)
})
