import { max, mean, median, medianAbsoluteDeviation, min, sampleStandardDeviation } from 'simple-statistics'

/** Statistics of one sample in the sample's own unit. `sd` is the sample standard deviation (n - 1), null for n = 1. */
export interface Description {
  n: number
  mean: number
  sd: number | null
  best: number
  worst: number
  median: number
  mad: number
}

/** Describes a sample of finite numbers; null if it is empty. */
export function describe(samples: readonly number[]): Description | null {
  if (samples.length === 0) return null
  const values = samples as number[]
  return {
    n: values.length,
    mean: mean(values),
    sd: values.length > 1 ? sampleStandardDeviation(values) : null,
    best: min(values),
    worst: max(values),
    median: median(values),
    mad: medianAbsoluteDeviation(values),
  }
}
