import {
  ftruncateSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protobuf from 'protobufjs/minimal.js'
import { afterAll, expect, test } from 'vitest'
import { DATA_TYPE, encodeModel, makeModel, makeNode, makeTensor } from './onnx.ts'
import { readHeaders, readModel } from './file.ts'
import { makeMessage } from './proto/schema.ts'
import { describeModel, summarizeModel } from './summary.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-summary-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('LeNet is summarized', async () => {
  expect(await summarizeModel('fixtures/lenet.onnx')).toEqual({
    param_count: 62_006,
    opset: 13,
    ir_version: 8,
    producer: 'provemark',
    nodes: 12,
    operators: { Relu: 4, Gemm: 3, Conv: 2, MaxPool: 2, Flatten: 1 },
    inputs: [{ name: 'input', shape: [1, 3, 32, 32], type: 'float32' }],
    outputs: [{ name: 'output', shape: [1, 10], type: 'float32' }],
    bytes: 249_371,
    initializers: {
      in_file: { count: 10, params: 62_006, bytes: 248_024 },
      external: { count: 0, params: 0, bytes: 0 },
      constant_nodes: { count: 0, params: 0, bytes: 0 },
      ml_attributes: { count: 0, params: 0, bytes: 0 },
      other_constants: { count: 0, params: 0, bytes: 0 },
    },
    initializer_types: { float32: 10 },
    warnings: [],
  })
})

test('an input that is no tensor is described', () => {
  const floats = { tensor_type: makeMessage('TensorTypeProto', { elem_type: DATA_TYPE.FLOAT }) }
  const types = [
    { map_type: { key_type: DATA_TYPE.INT64, value_type: floats } },
    { sequence_type: { elem_type: { map_type: { key_type: DATA_TYPE.STRING, value_type: floats } } } },
    { sparse_tensor_type: floats.tensor_type },
    {},
  ]
  const { inputs } = describeModel(makeModel({ input: types.map((type) => ({ name: 'x', type })) }))
  expect(inputs.map(({ type }) => type)).toEqual([
    'map(int64, float32)',
    'sequence(map(string, float32))',
    'sparse(float32)',
    'no type',
  ])
})

test('subgraphs count, other domains are named, and names that JavaScript reserves are names', async () => {
  const constant = makeNode('Constant', 'c', [], ['c'])
  constant.attribute = [
    makeMessage('AttributeProto', { name: 'value', t: makeTensor('v', [2], new Float32Array(2)) }),
  ]
  const body = makeMessage('GraphProto', {
    node: [constant],
    initializer: [makeTensor('w', [3], new Float32Array(3))],
  })
  const branch = makeNode('If', 'i', ['x'], ['y'])
  branch.attribute = [makeMessage('AttributeProto', { name: 'then_branch', g: body })]
  const fused = { ...makeNode('FusedConv', 'f', [], []), domain: 'com.microsoft' }
  const path = join(folder, 'odd.onnx')
  writeFileSync(path, encodeModel(makeModel({ node: [branch, fused, makeNode('__proto__', 'p', [], [])] })))
  const { operators, nodes, param_count, initializers } = await summarizeModel(path)
  expect(Object.entries(operators)).toEqual([
    ['Constant', 1],
    ['If', 1],
    ['__proto__', 1],
    ['com.microsoft::FusedConv', 1],
  ])
  expect({ nodes, param_count }).toEqual({ nodes: 4, param_count: 5 })
  expect(initializers.constant_nodes).toEqual({ count: 1, params: 2, bytes: 8 })
})

const TENSORS = 20
const TENSOR_BYTES = 100_000_000

/** A model of 2 GB whose payloads are holes in the file: it takes no disk space. */
function makeSparseModel(path: string): void {
  const head = (field: number, length: number) =>
    new protobuf.Writer()
      .uint32((field << 3) | 2)
      .uint32(length)
      .finish()
  const tensor = new protobuf.Writer()
    .uint32((1 << 3) | 0)
    .int64(TENSOR_BYTES / 4)
    .uint32((2 << 3) | 0)
    .int32(1)
    .finish()
  const raw = head(9, TENSOR_BYTES)
  const tensorBytes = tensor.length + raw.length + TENSOR_BYTES
  const tensorHead = head(5, tensorBytes)
  const graphHead = head(7, TENSORS * (tensorHead.length + tensorBytes))
  const fd = openSync(path, 'w')
  let at = writeSync(fd, graphHead, 0, graphHead.length, 0)
  for (let index = 0; index < TENSORS; index++) {
    const header = Buffer.concat([tensorHead, tensor, raw])
    at += writeSync(fd, header, 0, header.length, at) + TENSOR_BYTES
  }
  ftruncateSync(fd, at)
  const opset = encodeModel({ ...makeModel({}), graph: undefined } as never)
  writeSync(fd, opset, 0, opset.length, at)
  closeSync(fd)
}

test('of a model of 2 GB only the headers are read', async () => {
  const path = join(folder, 'huge.onnx')
  makeSparseModel(path)
  const { param_count, opset, bytes, initializers } = await summarizeModel(path)
  expect({ param_count, opset }).toEqual({ param_count: (TENSORS * TENSOR_BYTES) / 4, opset: 13 })
  expect(bytes).toBeGreaterThan(TENSORS * TENSOR_BYTES)
  expect(initializers.in_file.count).toBe(TENSORS)
  expect(readHeaders(path).bytesRead).toBeLessThan(1_000_000)
  truncateSync(path, bytes - 1000)
  await expect(summarizeModel(path)).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' })
})

test('the summary from headers is that of the whole model', () => {
  const { bytes, model } = readHeaders('fixtures/lenet.onnx')
  expect(describeModel(model)).toEqual(describeModel(readModel('fixtures/lenet.onnx')))
  expect(bytes).toBe(readFileSync('fixtures/lenet.onnx').length)
})

test.each([folder, join(folder, 'none.onnx'), '/dev/zero'])('%s is refused', async (path) => {
  await expect(summarizeModel(path)).rejects.toMatchObject({
    code: 'MODEL_UNREADABLE',
    hint: expect.any(String),
  })
})
