import type { Workload } from './workload.ts'

/** What the program takes before it reads anything, MB. */
const BASE_MB = 40
/**
 * MB for each multiplication, and for each value that a layer makes: on eight CNNs of 62,006 to 6.4 million
 * parameters they lie 11 to 42 % above what the largest phase takes (median of three runs; a single one took 16 % more
 * than its median).
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
