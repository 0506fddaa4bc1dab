import { closeSync, openSync, writeSync } from 'node:fs'
import {
  encodeModel,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxTensor,
} from '../../src/model/onnx.ts'
import { makeMessage } from '../../src/model/proto/schema.ts'

/** Tensors of this many floats, 16 MB each, fill the file. */
const FLOATS = 4_000_000

/** Writes a valid model of about `bytes`: a chain of additions, each with a separate tensor in the file. */
export function writeLargeModel(path: string, bytes: number): void {
  const floats = Math.min(FLOATS, Math.floor(bytes / 4))
  const count = Math.max(1, Math.round(bytes / 4 / floats))
  const values = new Float32Array(floats)
  const names = Array.from({ length: count }, (_, i) => `w${i}`)
  const value = (i: number) => (i === 0 ? 'input' : i === count ? 'output' : `v${i}`)
  const graph = {
    name: 'large',
    node: names.map((name, i) => makeNode('Add', `add${i}`, [value(i), name], [value(i + 1)])),
    input: [makeValueInfo('input', [floats])],
    output: [makeValueInfo('output', [floats])],
  }
  // protobuf messages may come in pieces that are joined: each tensor is one, so that none is held twice.
  const fd = openSync(path, 'w')
  try {
    writeSync(fd, encodeModel(makeModel(graph)))
    for (const name of names) {
      writeSync(fd, encodeModel(pieceWith(makeTensor(name, [floats], values))))
    }
  } finally {
    closeSync(fd)
  }
}

function pieceWith(tensor: OnnxTensor) {
  return makeMessage('ModelProto', { graph: makeMessage('GraphProto', { initializer: [tensor] }) })
}
