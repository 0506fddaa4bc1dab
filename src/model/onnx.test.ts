import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs/minimal.js'
import { expect, test } from 'vitest'
import { decodeModel, encodeModel, makeModel, makeNode, makeTensor } from './onnx.ts'
import { generateLenet } from './generate/cnn.ts'
import { makeMessage } from './proto/schema.ts'

const lenet = readFileSync('fixtures/lenet.onnx')

test('a model is the same object whether it was made or read, and has the same bytes', () => {
  const made = generateLenet({ seed: 42 })
  expect(decodeModel(lenet)).toEqual(made)
  expect(lenet.equals(encodeModel(decodeModel(lenet)))).toBe(true)
})

test('the payload of a tensor is a view of the bytes, not a copy', () => {
  const [weight] = decodeModel(lenet).graph!.initializer
  expect(weight!.raw_data!.buffer).toBe(lenet.buffer)
})

test('integers keep their value, the largest int64 included', () => {
  const values = [0, -1, 127, 128, 2 ** 31, -(2 ** 40), Number.MAX_SAFE_INTEGER, 2 ** 63, -(2 ** 63)]
  const model = makeModel({ node: [makeNode('Slice', 's', [], [], { ends: values })] })
  expect(decodeModel(encodeModel(model)).graph!.node[0]!.attribute[0]!.ints).toEqual(values)
})

test('typed lists are read packed and one by one, as both are valid', () => {
  const model = makeModel({
    initializer: [{ ...makeTensor('t', [2], new Float32Array()), float_data: [1.5, -2] }],
  })
  expect(decodeModel(encodeModel(model))).toEqual(model)
  const tensor = new protobuf.Writer()
    .uint32((4 << 3) | 5)
    .float(1.5)
    .uint32((4 << 3) | 5)
    .float(-2)
    .finish()
  const graph = new protobuf.Writer()
    .uint32((5 << 3) | 2)
    .bytes(tensor)
    .finish()
  const { graph: _graph, ...rest } = makeModel({})
  const unpacked = new protobuf.Writer()
    .uint32((7 << 3) | 2)
    .bytes(graph)
    .finish()
  const head = encodeModel(rest)
  expect(decodeModel(Buffer.concat([head, unpacked])).graph!.initializer[0]!.float_data).toEqual([1.5, -2])
})

test('fields that are not known are passed over', () => {
  const extra = new protobuf.Writer()
    .uint32((200 << 3) | 2)
    .string('new')
    .uint32((201 << 3) | 0)
    .uint64(7)
    .uint32((202 << 3) | 1)
    .double(1)
    .uint32((203 << 3) | 5)
    .float(1)
    .finish()
  expect(decodeModel(Buffer.concat([lenet, extra]))).toEqual(decodeModel(lenet))
})

function nestGraphs(depth: number): Uint8Array {
  let model = makeModel({})
  for (let level = 0; level < depth; level++) {
    const attribute = makeMessage('AttributeProto', { name: 'body', g: model.graph!, type: 5 })
    model = makeModel({ node: [{ ...makeNode('Loop', 'l', [], []), attribute: [attribute] }] })
  }
  return encodeModel(model)
}

// 0x3a is the tag of the graph, 0x08 that of the IR version.
const bad: [string, Uint8Array, string][] = [
  ['no bytes', Buffer.alloc(0), 'it has no graph'],
  ['text', Buffer.from('# My notes\n'), 'a field of wire type 3'],
  ['JSON', Buffer.from('{"input":[1,2,3]}'), 'a field of wire type 3'],
  ['an end inside a tensor', lenet.subarray(0, 200_000), 'where 199983 are left'],
  ['a length beyond the end', Buffer.from([0x3a, 0xff, 0xff, 0xff, 0x7f]), 'a length of 268435455 bytes'],
  ['a length of 2^63', Buffer.from([0x3a, ...Array(9).fill(0xff), 0x7f]), 'invalid length encoding'],
  ['a varint without end', Buffer.from([0x08, ...Array(20).fill(0xff)]), 'invalid varint encoding'],
  [
    'a part that runs past its end',
    Buffer.from([0x3a, 4, 0x5a, 2, 0x0a, 3, 0x08, 1]),
    'a length of 3 bytes where 0 are left',
  ],
  [
    'a number that runs past its end',
    Buffer.from([0x42, 2, 0x10, 0x80, 0x3a, 0]),
    'a part that runs past its end',
  ],
  ['a field with number 0', Buffer.from([0x3a, 2, 0x00, 0]), 'a field with number 0'],
  ['graphs without end', nestGraphs(100), 'graphs nested too deeply'],
  ['a million empty nodes', millionNodes(), 'too many parts'],
]

function millionNodes(): Uint8Array {
  const nodes = Buffer.alloc(2_200_000)
  for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a
  return new protobuf.Writer()
    .uint32((7 << 3) | 2)
    .bytes(nodes)
    .finish()
}

test.each(bad)('%s: refused with its place', (_, bytes, message) => {
  expect(() => decodeModel(bytes, 'm.onnx')).toThrow(
    expect.objectContaining({
      code: 'MODEL_UNREADABLE',
      message: expect.stringMatching(/^m\.onnx is not an ONNX model, or is damaged: /),
      hint: expect.any(String),
    }),
  )
  expect(() => decodeModel(bytes)).toThrow(message)
})

test('graphs nested as deep as exporters nest them are read', () => {
  expect(decodeModel(nestGraphs(10)).graph!.node).toHaveLength(1)
})
