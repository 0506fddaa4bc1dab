import { expect, test } from 'vitest'
import { measureWorkload } from './workload.ts'
import { readInt, readInts } from './graphs.ts'
import { decodeModel, encodeModel, makeModel, makeNode, makeTensor, makeValueInfo } from './onnx.ts'
import { makeMessage } from './proto/schema.ts'

test('an attribute without a value, as proto3 writes a zero, is zero and not the default', () => {
  const node = makeNode('Gemm', 'g', ['x', 'w'], ['y'])
  node.attribute = ['i', 'ints'].map((name) => makeMessage('AttributeProto', { name }))
  const [read] = decodeModel(encodeModel(makeModel({ node: [node] }))).graph!.node
  expect([readInt(read!, 'i', 7), readInts(read!, 'ints', [7])]).toEqual([0, []])
  expect([readInt(read!, 'none', 7), readInts(read!, 'none', [7])]).toEqual([7, [7]])
})

test.each([
  [undefined, 3 * 8],
  [{}, 3 * 8],
  [{ i: 0 }, 3 * 8],
])('the work of a Gemm whose transB is %o is that of a plain one', (transB, multiplications) => {
  const node = makeNode('Gemm', 'g', ['x', 'w'], ['y'])
  if (transB) node.attribute = [makeMessage('AttributeProto', { name: 'transB', type: 2, ...transB })]
  const graph = {
    node: [node],
    input: [makeValueInfo('x', [1, 3])],
    initializer: [makeTensor('w', [3, 8], new Float32Array(24))],
  }
  expect(measureWorkload(makeModel(graph)).denseMultiplications).toBe(multiplications)
})
