import { median } from 'simple-statistics'
import { testDrift } from './drift.ts'
import { findOutliers, tukeyFences } from './outliers.ts'
import { testSerialCorrelation } from './serial-correlation.ts'

/** What makes a series of times doubtful; the message says what was seen and what to do. */
export interface NoiseWarning {
  code: 'FIRST_RUN_SLOW' | 'OUTLIERS' | 'DRIFT' | 'SERIAL_CORRELATION'
  message: string
}

// A test that runs on every phase of every point has to be sparing: one false alarm in a hundred.
const ALPHA = 0.01
// Differences under this part of the median are no news, however regular they are.
const MATERIAL = 0.05

/** Warnings on the times of one phase in the order in which they were measured; none for n < 4. */
export function findNoise(samples: readonly number[]): NoiseWarning[] {
  if (samples.length < 4) return []
  const middle = median(samples as number[])
  const isMaterial = (sample: number) => Math.abs(sample - middle) > MATERIAL * Math.abs(middle)
  const warnings: NoiseWarning[] = []

  const [first, ...rest] = samples as [number, ...number[]]
  const fences = tukeyFences(rest, 3)
  const firstIsSlow = fences !== null && first > fences.upper && first > middle && isMaterial(first)
  if (firstIsSlow) {
    const message = `the first run was ${percent(first / median(rest) - 1)} slower than the others: a cold cache?`
    warnings.push({ code: 'FIRST_RUN_SLOW', message })
  }
  // A slow first run has been told already; it shall not count as an outlier or a trend too.
  const settled = firstIsSlow ? rest : samples
  const outliers = findOutliers(settled, 3).filter((index) => isMaterial(settled[index] as number))
  if (outliers.length > 0) {
    const message = `${outliers.length} of ${settled.length} runs lie far outside: close other programs and run again`
    warnings.push({ code: 'OUTLIERS', message })
  }
  const drift = testDrift(settled)
  if (drift && drift.p < ALPHA && Math.abs(drift.change) > MATERIAL) {
    const message = `later runs are ${percent(Math.abs(drift.change))} ${drift.change > 0 ? 'slower' : 'faster'}`
    warnings.push({ code: 'DRIFT', message: `${message}: heat, or a machine that is busy?` })
    return warnings
  }
  const correlation = testSerialCorrelation(settled)
  const spread = tukeyFences(settled, 0)
  if (correlation && correlation.p < ALPHA && spread && spread.upper - spread.lower > MATERIAL * middle) {
    const message = 'each run resembles the one before it: the interval is narrower than it should be'
    warnings.push({ code: 'SERIAL_CORRELATION', message })
  }
  return warnings
}

const percent = (part: number) => `${(100 * part).toFixed(0)} %`
