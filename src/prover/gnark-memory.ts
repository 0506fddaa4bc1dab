import type { Workload } from './workload.ts'

/** What the program takes before it reads anything, MB. */
const BASE_MB = 30
/** MB for each multiplication, and for each value that a layer makes: fitted on six CNNs, 1,358 to 62,006 parameters. */
const MB_PER_MULTIPLICATION = 9e-5
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
