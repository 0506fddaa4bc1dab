import type { BaselineRatio } from '../data.ts'
import { describeMetric, type Metric } from '../../row/metrics.ts'

/**
 * Whether a ratio's interval excludes 1, and on which side. An exact figure has no interval; any difference counts. A
 * noisy one without an interval is neutral.
 */
export function direction({ ratio, lo, hi, metric }: BaselineRatio): 'worse' | 'better' | 'neutral' {
  const { kind } = describeMetric(metric)
  const isExact = kind === 'size' || kind === 'counter'
  if (lo === null && !isExact) return 'neutral'
  if ((lo ?? ratio) > 1) return 'worse'
  return (hi ?? ratio) < 1 ? 'better' : 'neutral'
}

interface Unit {
  label: string
  /** Size of this unit in the metric's own unit. */
  size: number
}

const UNITS: Record<Metric['unit'], readonly [Unit, ...Unit[]]> = {
  s: [
    { label: 'µs', size: 1e-6 },
    { label: 'ms', size: 1e-3 },
    { label: 's', size: 1 },
  ],
  MB: [
    { label: 'MB', size: 1 },
    { label: 'GB', size: 1024 },
  ],
  bytes: [
    { label: 'bytes', size: 1 },
    { label: 'KiB', size: 1024 },
    { label: 'MiB', size: 2 ** 20 },
    { label: 'GiB', size: 2 ** 30 },
  ],
  '': [{ label: '', size: 1 }],
}

/** The largest unit in which the value is at least `least`. */
export function pickUnit(unit: Metric['unit'], value: number, least = 1): Unit {
  const [smallest, ...larger] = UNITS[unit]
  return larger.reduce<Unit>((best, next) => (value >= least * next.size ? next : best), smallest)
}

/** Four digits in a suitable unit: `1.234 s`, `38.2 MiB`, `23,521,323`. */
export function formatIn(unit: Metric['unit'], value: number): string {
  // Zero has no scale: it is shown in the metric's own unit.
  const { label, size } = pickUnit(unit, Math.abs(value) || 1)
  const shown = label === '' ? formatPlain(value) : formatPlain(value / size)
  return label ? `${shown} ${label}` : shown
}

function formatPlain(value: number): string {
  const digits = Number.isInteger(value) ? {} : { minimumSignificantDigits: 4, maximumSignificantDigits: 4 }
  return value.toLocaleString('en-US', Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : digits)
}

/** `+12.3 %`, `−4.0 %`, or `×3.20` for anything that more than doubled. */
export function formatChange(ratio: number): string {
  if (ratio >= 2) return `×${ratio.toFixed(2)}`
  const percent = 100 * (ratio - 1)
  const digits = Math.abs(percent) < 10 ? 1 : 0
  if (Math.abs(percent) < 0.05) return '±0 %'
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(digits)} %`
}
