import { isDisturbed } from '../row/disturbance.ts'
import type { Phase, Row } from '../row/schema.ts'
import { decideNext, type Sampling } from '../row/statistics/sampling.ts'
import type { RowBase } from './phase-row.ts'
import type { PointJob } from './point.ts'

/** The sampling plan of a phase; a compile is slow and deterministic, so its number of iterations is fixed. */
export function samplingOf({ plan }: PointJob, phase: Phase): Sampling | undefined {
  return phase === 'compile' ? undefined : plan.options.sampling
}

/** Iterations of a phase that run at once: only proofs, of a prover that stays loaded. */
export function proofsAtOnce({ planned }: PointJob, phase: Phase): number {
  return phase === 'prove' ? (planned.settings.concurrency ?? 1) : 1
}

/**
 * Decides from the times measured so far whether a phase has enough iterations. A phase that only fails gets no more.
 */
export function decideBySamples(sampling: Sampling): (rows: readonly Row[]) => boolean {
  const startMs = performance.now()
  return (rows) => {
    const good = rows.filter(({ status, time_s }) => status === 'ok' && time_s != null)
    if (rows.length - good.length >= sampling.min) return true
    const samples = good.flatMap((row) => (isDisturbed(row) ? [] : [row.time_s!]))
    const disturbed = good.length - samples.length
    const elapsedS = (performance.now() - startMs) / 1000
    return decideNext({ samples, disturbed, elapsedS, sampling }).done
  }
}

/** The iteration numbers without a row, lowest first: iterations that run again leave gaps. */
export function* freeIterations(rows: readonly Pick<Row, 'iteration'>[]): Generator<number, never> {
  const taken = new Set(rows.map(({ iteration }) => iteration))
  for (let next = 1; ; next++) if (!taken.has(next)) yield next
}

/**
 * Rows contain the sampling plan that determined their number, so that a reader can see whether its target was met.
 */
export function withSampling(base: RowBase, sampling: Sampling | undefined): RowBase {
  return sampling ? { ...base, settings: { ...base.settings, sampling } } : base
}

/**
 * Runs the iterations of several sides in turns (A B, A B, A B), so that what the machine does affects all almost alike. The
 * order stays the same: if it alternated (A B, B A), iterations of one side would be neighbours, and a change that lasts
 * would cancel less. docs/gate.md compares both. When a side is done, the others continue. Returns the rows of each.
 */
export async function interleave(sides: readonly AsyncGenerator<Row>[]): Promise<Row[][]> {
  const rows = sides.map((): Row[] => [])
  let order = [...sides.entries()]
  while (order.length) {
    const done = new Set<number>()
    for (const [index, side] of order) {
      const next = await side.next()
      if (next.done) done.add(index)
      else rows[index]!.push(next.value)
    }
    order = order.filter(([index]) => !done.has(index))
  }
  return rows
}
