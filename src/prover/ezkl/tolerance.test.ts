import { afterAll, expect, test } from 'vitest'
import {
  DATA_TYPE,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxNode,
  type OnnxTensor,
} from '../../model/onnx.ts'
import { makeMessage } from '../../model/proto/schema.ts'
import { Reference } from '../../reference/reference.ts'
import { explainByQuantisation } from './tolerance.ts'

const reference = new Reference()
afterAll(() => reference.close())

const SCALE_BITS = 4
/** Far from every multiple of 2^-4, and exact in 16 bits. */
const WEIGHT = 0.03125
const INPUT = [1, 1, 1, 1]
/** Four products of 1 and a weight that changes by half a unit, the margin, and the unit of the output. */
const EXPECTED = 4 * 4 * 2 ** -(SCALE_BITS + 1) + 2 ** -SCALE_BITS

const floats = makeTensor('w', [4, 1], new Float32Array(4).fill(WEIGHT))
const typed = (data_type: number, fields: Partial<OnnxTensor>) =>
  makeMessage('TensorProto', { name: 'w', dims: [4, 1], data_type, ...fields })
const HALF = Array<number>(4).fill(0x2800)
const BFLOAT = Array<number>(4).fill(0x3d00)

function constant(attribute: Parameters<typeof makeMessage<'AttributeProto'>>[1], output = 'w'): OnnxNode {
  const attributes = [makeMessage('AttributeProto', attribute)]
  return makeMessage('NodeProto', { op_type: 'Constant', name: 'c', output: [output], attribute: attributes })
}

const cast = makeNode('Cast', 'f', ['w'], ['w32'], { to: DATA_TYPE.FLOAT })
const sparse = makeMessage('SparseTensorProto', {
  values: makeTensor('w', [4], new Float32Array(4).fill(WEIGHT)),
  indices: makeMessage('TensorProto', { dims: [4], data_type: DATA_TYPE.INT64, int64_data: [0, 1, 2, 3] }),
  dims: [4, 1],
})
const product = (weights = 'w') => makeNode('MatMul', 'm', ['x', weights], ['y'])
const FOUR = makeMessage('TensorProto', {
  name: 'shape',
  dims: [2],
  data_type: DATA_TYPE.INT64,
  int64_data: [4, 1],
})
const column = makeNode('Reshape', 'r', ['w', 'shape'], ['w32'])
const branch = makeMessage('GraphProto', {
  name: 'branch',
  node: [constant({ name: 'value', type: 4, t: floats })],
  output: [makeValueInfo('w', [4, 1])],
})
const either = makeMessage('NodeProto', {
  op_type: 'If',
  name: 'i',
  input: ['yes'],
  output: ['w32'],
  attribute: ['then_branch', 'else_branch'].map((name) =>
    makeMessage('AttributeProto', { name, type: 5, g: branch }),
  ),
})
const yes = makeMessage('TensorProto', { name: 'yes', dims: [], data_type: DATA_TYPE.BOOL, int32_data: [1] })

test.each([
  ['an initializer', { initializer: [floats], node: [product()] }],
  [
    'an initializer of 16-bit floats',
    { initializer: [typed(DATA_TYPE.FLOAT16, { int32_data: HALF })], node: [cast, product('w32')] },
  ],
  [
    'an initializer of bfloat16',
    { initializer: [typed(DATA_TYPE.BFLOAT16, { int32_data: BFLOAT })], node: [cast, product('w32')] },
  ],
  ['a sparse initializer', { sparse_initializer: [sparse], node: [product()] }],
  ['a tensor in a Constant node', { node: [constant({ name: 'value', type: 4, t: floats }), product()] }],
  [
    'a list in a Constant node',
    {
      initializer: [FOUR],
      node: [
        constant({ name: 'value_floats', type: 6, floats: Array<number>(4).fill(WEIGHT) }),
        column,
        product('w32'),
      ],
    },
  ],
  [
    'a number in a Constant node',
    {
      initializer: [makeTensor('ones', [4, 1], new Float32Array(4).fill(1))],
      node: [
        constant({ name: 'value_float', type: 1, f: WEIGHT }),
        makeNode('Mul', 'mul', ['ones', 'w'], ['w32']),
        product('w32'),
      ],
    },
  ],
  ['a Constant node in a branch', { initializer: [yes], node: [either, product('w32')] }],
])('the tolerance covers the rounding of weights in %s', async (_, graph) => {
  const model = makeModel({
    name: 'g',
    input: [makeValueInfo('x', [1, 4])],
    output: [makeValueInfo('y', [1, 1])],
    ...graph,
  })
  const outputs = await reference.infer(model, [INPUT])
  expect(outputs[0]!.values[0]).toBeCloseTo(4 * WEIGHT, 6)
  const tolerance = await explainByQuantisation(
    {
      settings: {},
      extra: {},
      model,
      inputs: [Float64Array.from(INPUT)],
      outputs,
      infer: (own, inputs) => reference.infer(own, inputs),
    },
    SCALE_BITS,
  )
  expect(tolerance).toBeCloseTo(EXPECTED, 6)
})
