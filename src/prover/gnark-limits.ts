import type { Workload } from '../model/workload.ts'

/** Memory of the program before it reads anything, MB. */
const BASE_MB = 40
/**
 * MB per multiplication, and per value that a layer makes. On eight CNNs of 62,006 to 6.4 million parameters the
 * prediction is 11 to 42 % above what the largest phase takes (median of three runs; a single run took 16 % more than
 * its median).
 */
const MB_PER_MULTIPLICATION = 4e-5
const MB_PER_OUTPUT = 4e-3
/**
 * MB per value of a function or a product. At 2,048 and 8,192 values of one operator, the largest phase takes 0.0073
 * (Sigmoid) to 0.0153 MB (LayerNormalization) more per value.
 */
const MB_PER_FUNCTION = 0.0155

/** Peak memory of the largest phase, MB. */
export function predictPeakMb({
  convMultiplications,
  denseMultiplications,
  layerOutputs,
  functionOutputs,
}: Workload): number | undefined {
  if (
    convMultiplications === undefined ||
    denseMultiplications === undefined ||
    layerOutputs === undefined ||
    functionOutputs === undefined
  )
    return undefined
  const multiplications = convMultiplications + denseMultiplications
  return (
    BASE_MB +
    MB_PER_MULTIPLICATION * multiplications +
    MB_PER_OUTPUT * layerOutputs +
    MB_PER_FUNCTION * functionOutputs
  )
}
