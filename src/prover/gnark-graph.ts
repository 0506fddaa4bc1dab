import type { OnnxModel } from '../model/onnx.ts'
import { listInputs, listOutputs } from '../model/ports.ts'

/** Why the program does not take a graph: its circuit is one chain, from one input to one output, for a batch of 1. */
export function refuseGraph(model: OnnxModel): string | undefined {
  const inputs = listInputs(model)
  const outputs = listOutputs(model)
  if (inputs.length !== 1) return `${inputs.length} inputs, gnark takes one`
  if (outputs.length !== 1) return `${outputs.length} outputs, gnark takes one`
  const [{ name, shape }] = inputs as [(typeof inputs)[number]]
  if (typeof shape?.[0] === 'number' && shape[0] > 1)
    return `input ${name} is a batch of ${shape[0]}, gnark takes one of 1`
  const branch = findBranch(model)
  return branch && `${branch} is read by several nodes, gnark takes a single chain`
}

/** A value that more than one node reads. */
function findBranch({ graph }: OnnxModel): string | undefined {
  const nodes = graph?.node ?? []
  const constants = new Set([
    ...(graph?.initializer.map(({ name }) => name) ?? []),
    ...nodes.flatMap(({ op_type, output }) => (op_type === 'Constant' ? output : [])),
  ])
  const read = nodes.flatMap(({ input }) => input).filter((name) => name && !constants.has(name))
  const seen = new Set<string>()
  for (const name of read) {
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}
