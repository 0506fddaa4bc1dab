import type { OnnxAttribute, OnnxNode } from './onnx.ts'

/**
 * Values of a node's attributes, with the operator's default where the node does not have the attribute. One that
 * stands there without a value is 0, or empty: proto3 writers leave out a zero.
 */

export function readInt(node: OnnxNode, name: string, fallback: number): number {
  return read(node, name, fallback, ({ i = 0 }) => i)
}

export function readInts(node: OnnxNode, name: string, fallback: readonly number[]): readonly number[] {
  return read(node, name, fallback, ({ ints }) => ints)
}

function read<Value>(
  { attribute }: OnnxNode,
  name: string,
  fallback: Value,
  valueOf: (attribute: OnnxAttribute) => Value,
): Value {
  const found = attribute.find((candidate) => candidate.name === name)
  return found === undefined ? fallback : valueOf(found)
}
