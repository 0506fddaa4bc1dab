import { isCounter, type MetricClass } from '../row/metrics.ts'
import type { Limit } from './budget.ts'
import { type Gate, placeOf, whyNoBaseline, whyNotNow } from './select.ts'
import { numbersOf, type Series } from '../row/series.ts'
import type { ComparedCheck, Side } from './verdict.ts'

/** An exact metric of one series: its value, and whether repetitions disagree. */
interface ExactFigure extends Side {
  /** All different values, if there is more than one. */
  varies: (number | string)[] | null
}

/** The value of a counter, a size or a digest; the largest if repetitions disagree. Null if there is none. */
function readExact(series: Series, metric: string, kind: MetricClass): ExactFigure | null {
  const values: (number | string)[] =
    kind === 'digest' ? [...(series.digests.get(metric) ?? [])] : numbersOf(series, metric)
  if (!values.length) return null
  const different = [...new Set(values)]
  const value = kind === 'digest' ? different.at(-1)! : maxOf(different as number[])
  return { value, n: values.length, varies: different.length > 1 ? different : null }
}

// Math.max(...values) would put every repetition of a large file on the stack.
const maxOf = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value))

/** Growth of a number as a fraction; null for digests and for growth from 0. */
function growthOf({ value: base }: Side, { value: now }: Side): number | null {
  if (typeof base !== 'number' || typeof now !== 'number') return null
  if (base === now) return 0
  return base === 0 ? null : now / base - 1
}

/**
 * Judges a counter, a size or a digest. Any change is a finding, and one over its limit is a regression. A counter that
 * is in the baseline but not in the run is missing, with or without a budget: otherwise its loss would never be
 * noticed.
 */
export function judgeExact(gate: Gate, absence: string | null): ComparedCheck {
  const { metric, kind, pair, budget } = gate
  const now = readExact(pair.now, metric, kind)
  const base = pair.base && readExact(pair.base, metric, kind)
  const figures = {
    baseline: base && { value: base.value, n: base.n },
    now: now && { value: now.value, n: now.n },
    change: now && base && growthOf(base, now),
    interval: null,
    p: null,
  }
  const check = { ...placeOf(gate), ...figures }
  if (!now) {
    const reason = whyNotNow(gate)
    if (!budget && !isCounter(metric)) return { ...check, verdict: 'finding', reason }
    return { ...check, verdict: 'missing', missing: 'now', reason }
  }
  if (!base && budget?.limit.kind === 'relative') {
    return { ...check, verdict: 'missing', missing: 'baseline', reason: whyNoBaseline(gate, absence) }
  }
  const varies = now.varies && `varies between repetitions: ${now.varies.slice(0, 3).join(', ')}`
  if (budget && isOver(budget.limit, base, now)) return { ...check, verdict: 'regression', reason: varies }
  const isChanged = base !== null && base.value !== now.value
  return { ...check, verdict: isChanged || varies ? 'finding' : 'ok', reason: varies }
}

function isOver(limit: Limit, base: ExactFigure | null, { value: now }: ExactFigure): boolean {
  if (limit.kind === 'absolute') return typeof now === 'number' && now > limit.max
  if (typeof now !== 'number' || typeof base?.value !== 'number') return now !== base?.value
  // 100 * 1.15 is slightly below 115. Without growth the figures are compared exactly, however large they are.
  return now > base.value * (1 + limit.growth) * (limit.growth === 0 ? 1 : 1 + 1e-12)
}
