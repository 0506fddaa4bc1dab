import { isCounter } from '../row/metrics.ts'
import { type ExactFigure, growthOf, readExact } from './compare-exact.ts'
import type { Limit } from './limit.ts'
import { placeOf, whyNoBaseline, whyNotNow } from './place.ts'
import type { Gate } from './select.ts'
import type { ComparedCheck } from './verdict.ts'

/**
 * Judges a counter, a size or a digest: any change is a finding, one over its limit a regression. A counter that the
 * baseline has and the run lacks is missing, budget or not: it would pass unseen for ever after.
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
    set_aside: 0,
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
  // 100 * 1.15 is a hair under 115; without growth the figures compare as they are, however large.
  return now > base.value * (1 + limit.growth) * (limit.growth === 0 ? 1 : 1 + 1e-12)
}
