import type { MetricClass } from '../row/metrics.ts'
import { numbersOf, type Series } from './series.ts'
import type { Side } from './verdict.ts'

/** An exact metric of one series: its value, and what is odd about it. */
export interface ExactFigure extends Side {
  /** All different values, where it should have one. */
  varies: (number | string)[] | null
}

/** The value of a counter, a size or a digest; the largest where repetitions disagree. Null where there is none. */
export function readExact(series: Series, metric: string, kind: MetricClass): ExactFigure | null {
  const values: (number | string)[] =
    kind === 'digest' ? [...(series.digests.get(metric) ?? [])] : numbersOf(series, metric)
  if (!values.length) return null
  const different = [...new Set(values)]
  const value = kind === 'digest' ? different.at(-1)! : maxOf(different as number[])
  return { value, n: values.length, varies: different.length > 1 ? different : null }
}

// Math.max(...values) would put every repetition of a large file on the stack.
const maxOf = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value))

/** Growth of a number as a part; null for digests and from 0. */
export function growthOf({ value: base }: Side, { value: now }: Side): number | null {
  if (typeof base !== 'number' || typeof now !== 'number') return null
  if (base === now) return 0
  return base === 0 ? null : now / base - 1
}
