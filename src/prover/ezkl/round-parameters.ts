import { listNodes, listTensors } from '../../model/graphs.ts'
import type { OnnxModel } from '../../model/onnx.ts'
import { roundTensor } from './round-tensor.ts'

/**
 * A copy in which every stored value of a float type is rounded: those of initializers and of tensors in attributes,
 * in subgraphs and functions too, and the numbers of Constant nodes and ai.onnx.ml operators.
 */
export function roundParameters(model: OnnxModel, round: (value: number) => number): OnnxModel {
  const rounded = structuredClone(model)
  for (const tensor of listTensors(rounded)) Object.assign(tensor, roundTensor(tensor, round))
  for (const { op_type, domain, attribute } of listNodes(rounded)) {
    if (op_type !== 'Constant' && domain !== 'ai.onnx.ml') continue
    for (const own of attribute) {
      if (own.f !== undefined) own.f = round(own.f)
      own.floats = own.floats.map(round)
    }
  }
  return rounded
}
