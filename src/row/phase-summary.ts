import { median } from 'simple-statistics'
import type { FailureGroup } from './failures.ts'
import type { ControlResults, PhaseSamples } from './phase-samples.ts'
import type { Phase } from './schema.ts'
import { describe, type Description } from './statistics/describe.ts'
import { estimateMedianInterval, type Interval, relativeHalfWidth } from './statistics/median-interval.ts'
import { findNoise } from './statistics/noise.ts'
import { decideNext, type Sampling, samplingSchema } from './statistics/sampling.ts'

interface Warning {
  code: 'CLOCKS_PART' | 'DISTURBED' | 'PROVER' | ReturnType<typeof findNoise>[number]['code']
  message: string
}

/** Summary of the rows of one phase of one point. Statistics cover ok rows only. */
export interface PhaseSummary {
  phase: Phase
  rows: number
  ok: number
  failures: FailureGroup[]
  time_s: Description | null
  /** Interval of the median time; null if n is too small for one. */
  time_s_interval: Interval | null
  /** Half-width of that interval divided by the median. */
  relative_half_width: number | null
  mem_mb: Description | null
  mem_sources: string[]
  /** True if one of the peaks may have been missed. */
  mem_lower_bound: boolean
  /** User and system CPU time together. */
  cpu_s: Description | null
  /** The prover's own time, for rows whose `time_s` is wall clock. */
  time_s_rust: Description | null
  /** The sampling plan of the phase and whether its target was met; null for a fixed number of iterations. */
  sampling: (Sampling & { met: boolean }) | null
  /** Negative controls of the point; null if none ran. */
  controls: ControlResults | null
  warnings: Warning[]
}

export function summarizePhase(phase: Phase, samples: PhaseSamples): PhaseSummary {
  const plan = samplingSchema.safeParse(samples.sampling)
  const sampling = plan.success ? plan.data : null
  const times = samples.timesS.toArray()
  const interval = estimateMedianInterval(times, sampling?.confidence)
  return {
    phase,
    rows: samples.rows,
    ok: samples.ok,
    failures: samples.failures.list(),
    time_s: describe(times),
    time_s_interval: interval,
    relative_half_width: interval && finite(relativeHalfWidth(interval, times)),
    mem_mb: describe(samples.memsMb.toArray()),
    mem_sources: [...samples.memSources],
    mem_lower_bound: samples.isMemLowerBound,
    cpu_s: describe(samples.cpuS.toArray()),
    time_s_rust: describe(samples.reportedS.toArray()),
    sampling: sampling && {
      ...sampling,
      met: decideNext({ samples: samples.calmS.toArray(), elapsedS: 0, sampling }).met,
    },
    controls: samples.controls,
    warnings: findWarnings(samples, times),
  }
}

function findWarnings(samples: PhaseSamples, times: readonly number[]): Warning[] {
  const { wallS, reportedS, warnings } = samples
  const told = [
    ...[...warnings].map((message) => ({ code: 'PROVER' as const, message })),
    ...warnOfDisturbance(samples),
  ]
  if (wallS.length === 0) return [...told, ...findNoise(times)]
  const [wall, reported] = [median(wallS.toArray()), median(reportedS.toArray())]
  const apart = Math.abs(wall - reported)
  if (apart <= 0.5 || apart <= 0.2 * wall) return [...told, ...findNoise(times)]
  const message = `wall clock ${wall.toFixed(2)} s, the prover itself reports ${reported.toFixed(2)} s`
  return [{ code: 'CLOCKS_PART', message }, ...told, ...findNoise(times)]
}

function warnOfDisturbance({ disturbed, timesS }: PhaseSamples): Warning[] {
  const shares = disturbed.toArray().toSorted((a, b) => a - b)
  if (!shares.length) return []
  const [least, most] = [shares[0]!, shares.at(-1)!].map((share) => `${(share * 100).toFixed(0)} %`)
  const count = timesS.length === 1 ? '' : ` in ${shares.length} of ${timesS.length} iterations`
  const share = least === most ? most : `${least} to ${most}`
  return [{ code: 'DISTURBED', message: `disturbed by other programs${count}: ${share} of the time` }]
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)
