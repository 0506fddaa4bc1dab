import { printableName } from '../lib/printable.ts'
import { listGraphs, type GraphPart } from './graphs.ts'
import type { OnnxGraph, OnnxModel, OnnxNode } from './onnx.ts'

/** Problems with the order of a model's nodes: one sentence for each graph with a cycle. */
export function checkGraphs(model: OnnxModel): string[] {
  return listGraphs(model).flatMap((graph) => {
    const cycle = findCycle(graph)
    return cycle ? [`the graph has a cycle: ${cycle.map(nameOf).join(' -> ')}`] : []
  })
}

/**
 * Nodes each of which reads the output of the one before, with the first repeated at the end; undefined without a
 * cycle.
 */
function findCycle({ node }: GraphPart): OnnxNode[] | undefined {
  const makers = new Map(
    node.flatMap((one) => one.output.filter(Boolean).map((name) => [name, one] as const)),
  )
  const sourcesOf = (one: OnnxNode) => readsOf(one).flatMap((name) => makers.get(name) ?? [])
  const done = new Set<OnnxNode>()
  for (const start of node) {
    // A path of nodes with the sources of each that have not been followed yet: no recursion, since graphs may be
    // long.
    const path: { at: OnnxNode; left: OnnxNode[] }[] = done.has(start)
      ? []
      : [{ at: start, left: sourcesOf(start) }]
    const onPath = new Set(path.map(({ at }) => at))
    while (path.length) {
      const { at, left } = path.at(-1)!
      const next = left.pop()
      if (!next) {
        done.add(at)
        onPath.delete(at)
        path.pop()
      } else if (onPath.has(next)) {
        const round = path.slice(path.findIndex((step) => step.at === next)).map((step) => step.at)
        return [...round, next].toReversed()
      } else if (!done.has(next)) {
        onPath.add(next)
        path.push({ at: next, left: sourcesOf(next) })
      }
    }
  }
  return undefined
}

/** Values that a node reads, including outer values that its subgraphs use. */
function readsOf({ input, attribute }: OnnxNode): string[] {
  const graphs = attribute.flatMap((one) => (one.g ? [one.g, ...one.graphs] : one.graphs))
  return [...input, ...graphs.flatMap(readFromOutside)]
}

function readFromOutside({ node, input, initializer, output }: OnnxGraph): string[] {
  const named = [...input, ...initializer].map(({ name }) => name)
  const own = new Set([...named, ...node.flatMap((one) => one.output)])
  const read = [...node.flatMap(readsOf), ...output.map(({ name = '' }) => name)]
  return read.filter((name) => !own.has(name))
}

function nameOf({ name, output, op_type }: OnnxNode): string {
  return printableName(name || output[0] || op_type)
}
