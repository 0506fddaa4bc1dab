import { makeTensor } from '../../model/build.ts'
import { inferModel } from '../../model/infer.ts'
import { readTensor } from '../../model/infer/tensor.ts'
import type { OnnxModel } from '../../model/onnx.ts'

/** Over 48 CNNs of 1 to 5 blocks ezkl's error was at most 1.9 times what rounding inputs and parameters explains. */
const MARGIN = 4

/**
 * What rounding inputs and parameters to 2^-scaleBits does to the outputs of this model for these inputs, times a
 * margin for the activations, which it rounds too: an estimate, no proven bound.
 */
export function explainByQuantisation(
  model: OnnxModel,
  inputs: readonly ArrayLike<number>[],
  scaleBits: number,
): number {
  const exact = inferModel(model, inputs).outputs.flatMap(({ values }) => [...values])
  const rounded = inferModel(
    roundParameters(model, scaleBits),
    inputs.map((values) => Array.from(values, (value) => roundTo(value, scaleBits))),
  ).outputs.flatMap(({ values }) => [...values])
  const moved = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - rounded[i]!)), 0)
  // The output itself is a multiple of the unit.
  return MARGIN * moved + 2 ** -scaleBits
}

function roundParameters(model: OnnxModel, scaleBits: number): OnnxModel {
  const { graph } = model
  if (!graph) return model
  const initializer = graph.initializer.map((tensor) => {
    const { dims, data } = readTensor(tensor)
    if (!(data instanceof Float32Array)) return tensor
    return makeTensor(
      tensor.name ?? '',
      [...dims],
      data.map((value) => roundTo(value, scaleBits)),
    )
  })
  return { ...model, graph: { ...graph, initializer } }
}

function roundTo(value: number, scaleBits: number): number {
  return Math.round(value * 2 ** scaleBits) / 2 ** scaleBits
}
