import type { OnnxModel } from '../model/onnx.ts'
import { printableName } from '../lib/printable.ts'
import { findDependent, type Workload } from '../model/workload.ts'

/** Operators for which only one operand may depend on the input, by position; the others must be constant. */
const CONSTANT_OPERANDS: Readonly<Record<string, number[]>> = {
  Div: [1],
}

/** Why the program refuses a graph: quotients of two values that depend on the input. */
export function refuseGraph(model: OnnxModel): string | undefined {
  const nodes = model.graph?.node ?? []
  const depends = findDependent(model)
  const node = nodes.find(({ op_type = '', input }) => {
    const positions = CONSTANT_OPERANDS[op_type]
    return positions?.every((at) => depends.has(input[at] ?? ''))
  })
  return (
    node &&
    `node ${printableName(node.name || node.output[0])}: gnark takes ${node.op_type} with a constant as one of its operands`
  )
}

/** Memory of the program before it reads anything, MB. */
const BASE_MB = 40
/**
 * MB per multiplication, and per value that a layer makes. On eight CNNs of 62,006 to 6.4 million parameters the
 * prediction is 11 to 42 % above what the largest phase takes (median of three runs; a single run took 16 % more than
 * its median).
 */
const MB_PER_MULTIPLICATION = 4e-5
const MB_PER_OUTPUT = 4e-3

/** Peak memory of the largest phase, MB. */
export function predictPeakMb({
  convMultiplications,
  denseMultiplications,
  layerOutputs,
}: Workload): number | undefined {
  if (convMultiplications === undefined || denseMultiplications === undefined || layerOutputs === undefined)
    return undefined
  const multiplications = convMultiplications + denseMultiplications
  return BASE_MB + MB_PER_MULTIPLICATION * multiplications + MB_PER_OUTPUT * layerOutputs
}
