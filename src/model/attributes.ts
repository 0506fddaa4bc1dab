import type { OnnxAttribute, OnnxNode } from './onnx.ts'

/** Values of a node's attributes, with the operator's default where the node has none. */

export function readInt(node: OnnxNode, name: string, fallback: number): number {
  return find(node, name)?.i ?? fallback
}

export function readFloat(node: OnnxNode, name: string, fallback: number): number {
  return find(node, name)?.f ?? fallback
}

export function readInts(node: OnnxNode, name: string, fallback: readonly number[]): readonly number[] {
  return find(node, name)?.ints ?? fallback
}

export function readString(node: OnnxNode, name: string, fallback: string): string {
  const bytes = find(node, name)?.s
  return bytes === undefined ? fallback : Buffer.from(bytes).toString('utf8')
}

function find({ attribute }: OnnxNode, name: string): OnnxAttribute | undefined {
  return attribute.find((candidate) => candidate.name === name)
}
