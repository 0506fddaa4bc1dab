import { formatLimit } from './limit.ts'
import { isSkipped } from './skipped.ts'
import type { Gate } from './select.ts'
import type { Check } from './verdict.ts'

/** Where a gate stands: what every check of it says beside its verdict. */
export function placeOf({ metric, pair: { now }, budget }: Gate): Omit<Check, 'verdict'> & { reason: null } {
  const { track, point, phase, prover } = now
  return {
    metric,
    track,
    point,
    phase,
    prover,
    limit: budget && formatLimit(budget.limit),
    level: budget && budget.level,
    reason: null,
  }
}

/**
 * Why there is nothing to judge against, for a gate whose baseline lacks its figure.
 * @param absence why there is no baseline at all; null where there is one
 */
export function whyNoBaseline({ metric, pair: { base } }: Gate, absence: string | null): string {
  if (absence !== null) return absence
  return base ? `the baseline's rows of it have no ${metric}` : 'the baseline has no row of it'
}

/** Why there is nothing to judge, for a gate whose run lacks its figure. */
export function whyNotNow({ pair: { now } }: Gate): string {
  return `the baseline has it, and ${isSkipped(now) ? 'it was skipped now' : 'no row of this run does'}`
}
