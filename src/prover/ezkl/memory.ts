import type { Workload } from '../../model/workload.ts'

/**
 * Peak memory per row of the table, MB: ezkl 23.0.5 took 716, 1,444 and 2,760 MB at 2^15, 2^16 and 2^17 rows, and
 * 21.9 GB at 2^20, always in prove.
 */
const MB_PER_ROW = 0.0221
/** ezkl's own minimum: its range checks need a column of 2^14 values. */
const LEAST_LOGROWS = 15

/** Peak memory of the largest phase at 2^logrows rows, MB. */
export function peakMbAt(logrows: number): number {
  return 2 ** logrows * MB_PER_ROW
}

/**
 * Rows that a model takes, as logarithm: fitted to 78 CNNs of 1 to 5 blocks, within -11 and +7 %. A twentieth is
 * subtracted, so that a borderline model is tried: calibration finds the exact number before the SRS is made.
 */
export function predictLogrows(model: Workload, scaleBits: number): number | undefined {
  const { convMultiplications, denseMultiplications, layerOutputs, layers } = model
  if (convMultiplications === undefined || denseMultiplications === undefined || layerOutputs === undefined)
    return undefined
  // Up to 28 bits fit the range checks, so that no layer has to be scaled back.
  const isScaledBack = scaleBits * (layers + 1) > 28
  const rows = isScaledBack
    ? 0.283 * convMultiplications + 0.636 * denseMultiplications + 55.5 * layerOutputs
    : 1.226 * convMultiplications + 0.315 * denseMultiplications
  return Math.max(LEAST_LOGROWS, Math.ceil(Math.log2(0.95 * rows)))
}
