import { quantile } from 'simple-statistics'

export interface Fences {
  lower: number
  upper: number
}

/**
 * Tukey's fences: `reach` interquartile ranges beyond the quartiles; 1.5 for mild outliers, 3 for far ones.
 * Null for n < 4, where quartiles say nothing.
 */
export function tukeyFences(samples: readonly number[], reach = 1.5): Fences | null {
  if (samples.length < 4) return null
  const [q1, q3] = quantile(samples as number[], [0.25, 0.75]) as [number, number]
  return { lower: q1 - reach * (q3 - q1), upper: q3 + reach * (q3 - q1) }
}

/** Indices of the samples beyond the fences, in order. */
export function findOutliers(samples: readonly number[], reach = 1.5): number[] {
  const fences = tukeyFences(samples, reach)
  if (!fences) return []
  return samples.flatMap((sample, index) => (sample < fences.lower || sample > fences.upper ? [index] : []))
}
