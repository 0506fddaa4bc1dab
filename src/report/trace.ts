import { getOrAdd } from '../row/collections.ts'
import { readOutcome } from '../row/outcome.ts'
import { pointName } from '../row/point-key.ts'
import { Samples } from '../row/samples.ts'
import type { Row } from '../row/schema.ts'
import { labelProver } from './machine.ts'
import { metricId, type MetricId } from '../row/metrics.ts'
import { TOTAL_COST } from './metrics.ts'

/** What is kept of one point in one run, so that it can be drawn beside the other runs. */
export class Trace {
  readonly name: string
  readonly track: string | null
  readonly prover: string | null
  /** Figures of ok rows, by metric. */
  readonly samples = new Map<MetricId, Samples>()

  constructor(row: Row) {
    this.name = pointName({ ...row, side: null })
    this.track = row.track ?? null
    this.prover = labelProver(row)
  }

  add(row: Row): void {
    if (readOutcome(row) !== 'ok') return
    const { phase, time_s, mem_mb, ecc } = row
    this.#note(metricId('time_s', phase), time_s)
    this.#note(metricId('mem_mb', phase), mem_mb)
    this.#note(TOTAL_COST, ecc?.['totalCost'])
  }

  #note(metric: MetricId, value: number | null | undefined): void {
    if (value != null) getOrAdd(this.samples, metric, startSamples).push(value)
  }
}

const startSamples = () => new Samples()
