import type { OnnxNode } from './onnx.ts'

/** A list of integers among a node's attributes, with the operator's default where the node has none. */
export function readInts(node: OnnxNode, name: string, fallback: readonly number[]): readonly number[] {
  return node.attribute.find((candidate) => candidate.name === name)?.ints ?? fallback
}
