import type { InferredOutput, ToleranceContext } from '../contract.ts'
import { roundParameters } from './round-parameters.ts'

/** For 48 CNNs of 1 to 5 blocks ezkl's error was at most 1.9 times what rounding inputs and parameters explains. */
const MARGIN = 4

/**
 * How much rounding inputs and parameters to 2^-scaleBits changes the outputs of this model for these inputs, times a
 * margin for the activations, which are also rounded: an estimate, not a proven bound.
 */
export async function explainByQuantisation(
  { model, inputs, outputs, infer }: ToleranceContext,
  scaleBits: number,
): Promise<number> {
  const exact = listValues(outputs)
  const rounded = listValues(
    await infer(
      roundParameters(model, (value) => roundTo(value, scaleBits)),
      inputs.map((values) => Array.from(values, (value) => roundTo(value, scaleBits))),
    ),
  )
  const moved = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - rounded[i]!)), 0)
  // The output itself is a multiple of the unit.
  return MARGIN * moved + 2 ** -scaleBits
}

function listValues(outputs: readonly InferredOutput[]): number[] {
  return outputs.flatMap(({ values }) => [...values])
}

function roundTo(value: number, scaleBits: number): number {
  return Math.round(value * 2 ** scaleBits) / 2 ** scaleBits
}
