import { max, mean, median, medianAbsoluteDeviation, min, sampleStandardDeviation } from 'simple-statistics'

/** Figures of one sample, all in the sample's own unit; `sd` is the sample's (n - 1) and null for n = 1. */
export interface Description {
  n: number
  mean: number
  sd: number | null
  best: number
  worst: number
  median: number
  mad: number
}

/** Describes a sample of finite numbers; null where there is none. */
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
