import type { Phase, Row } from '../row/schema.ts'
import { decideNext, type Sampling } from '../row/statistics/sampling.ts'
import type { PointJob } from './job.ts'
import type { RowBase } from './phase-row.ts'

/** The sampling plan of a phase; a compile is slow and deterministic, so its number stays fixed. */
export function samplingOf({ plan }: PointJob, phase: Phase): Sampling | undefined {
  return phase === 'compile' ? undefined : plan.options.sampling
}

/** Whether a phase was repeated often enough, by the times measured so far. One that only fails is not repeated on. */
export function decideBySamples(sampling: Sampling): (rows: readonly Row[]) => boolean {
  const startMs = performance.now()
  return (rows) => {
    const samples = rows.flatMap(({ status, time_s }) => (status === 'ok' && time_s != null ? [time_s] : []))
    if (rows.length - samples.length >= sampling.min) return true
    return decideNext({ samples, elapsedS: (performance.now() - startMs) / 1000, sampling }).done
  }
}

/** The numbers that no row has, from the lowest: iterations that run again leave gaps. */
export function* freeIterations(rows: readonly Row[]): Generator<number, never> {
  const taken = new Set(rows.map(({ iteration }) => iteration))
  for (let next = 1; ; next++) if (!taken.has(next)) yield next
}

/** The plan stands in the rows that were repeated by it, so that a reader can tell whether its target was met. */
export function withSampling(base: RowBase, sampling: Sampling | undefined): RowBase {
  return sampling ? { ...base, settings: { ...base.settings, sampling } } : base
}
