import type { Series } from './series.ts'
import type { Check } from './verdict.ts'

/**
 * The check of a phase that did not always end well, or whose verifier took a forgery. What was skipped is no failure:
 * an earlier phase failed, or the prover does not prove such a model.
 */
export function findFailure(series: Series): Check[] {
  const { track, point, phase, prover, statuses, accepted } = series
  const failed = [...statuses].filter(([status]) => status !== 'ok' && status !== 'skipped')
  const reasons = [
    ...failed.map(([status, n]) => `${n} ${status.replaceAll('_', ' ')}`),
    ...[...accepted].map((forged) => `a forged ${forged} was accepted`),
  ]
  if (!reasons.length) return []
  const place = { metric: 'status', track, point, phase, prover, limit: null, level: null }
  return [{ verdict: 'failed', ...place, reason: reasons.join(', '), statuses: Object.fromEntries(statuses) }]
}
