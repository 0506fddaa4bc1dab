import type { ScalingLaw } from '../../row/statistics/scaling-law.ts'
import type { Axis } from '../axes.ts'

const STEPS = 48

/** `depth^1.42 (1.31 to 1.53)`: the exponent with its 95 % interval. */
export function describeLaw({ exponent, exponent_lo, exponent_hi }: ScalingLaw, axis: Axis): string {
  return `${axis}^${show(exponent)} (${show(exponent_lo)} to ${show(exponent_hi)})`
}

// A value that rounds to zero has no sign.
const show = (value: number) =>
  value
    .toFixed(2)
    .replace(/^-0\.00$/, '0.00')
    .replace('-', '−')

/** The law as a curve from the smallest to the largest x, in equal steps of log x. */
export function traceLaw(
  { prefactor, exponent }: ScalingLaw,
  marks: readonly { x: number }[],
): { x: number; y: number }[] {
  const xs = marks.map(({ x }) => x).filter((x) => x > 0)
  const [least, most] = [Math.min(...xs), Math.max(...xs)]
  if (!(most > least)) return []
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const x = least * (most / least) ** (i / STEPS)
    return { x, y: prefactor * x ** exponent }
  })
}
