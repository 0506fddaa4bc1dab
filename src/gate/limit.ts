/** What a figure may not pass: a number in its own unit, or a growth against the baseline as a part (0.1 is +10 %). */
export type Limit = { kind: 'absolute'; max: number } | { kind: 'relative'; growth: number }

export const LIMIT_FORMS = 'a number (4096) or a growth against the baseline (0%, +10%)'

const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Reads `4096`, `0%` or `+10%`; undefined for anything else. A signed number without % could mean either. */
export function parseLimit(text: string | number): Limit | undefined {
  if (typeof text === 'number') return Number.isFinite(text) ? { kind: 'absolute', max: text } : undefined
  const trimmed = text.trim()
  const percent = trimmed.endsWith('%')
  const digits = percent ? trimmed.slice(0, -1).trim().replace(/^\+/, '') : trimmed
  if (!NUMBER.test(digits)) return undefined
  const value = Number(digits)
  return percent ? { kind: 'relative', growth: value / 100 } : { kind: 'absolute', max: value }
}

/** `4096`, `+10%`, `0%`. */
export function formatLimit(limit: Limit): string {
  if (limit.kind === 'absolute') return String(limit.max)
  // 0.07 * 100 is 7.000000000000001
  const percent = Number((limit.growth * 100).toPrecision(12))
  return `${percent > 0 ? '+' : ''}${percent}%`
}
