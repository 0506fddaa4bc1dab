import { type ScalingLaw, valueAt } from '../../row/statistics/scaling-law.ts'
import type { Axis } from '../../row/families.ts'
import { formatChange } from './units.ts'

const STEPS = 48

/** `depth^1.42 (1.31 to 1.53)`: the exponent with its 95 % interval; `c + ` if the law has a constant term. */
export function describeLaw(law: ScalingLaw, axis: Axis): string {
  const { exponent, exponent_lo, exponent_hi, constant } = law
  const power = `${axis}^${show(exponent)} (${show(exponent_lo)} to ${show(exponent_hi)})`
  return `${constant > 0 ? 'c + ' : ''}${power}`
}

/** `R² 0.998, points typically ×1.03 off`. */
export const describeFit = ({ r_squared, residual_factor }: ScalingLaw) =>
  `R² ${r_squared.toFixed(3)}, points typically ×${residual_factor.toFixed(2)} off`

/** The residual of a point: `+3.1 %` above the law; null where there is none. */
export const describeResidual = (law: ScalingLaw | undefined, x: number, y: number): string | null =>
  law && x > 0 ? formatChange(y / valueAt(law, x)) : null

// A value that rounds to zero has no sign.
const show = (value: number) =>
  value
    .toFixed(2)
    .replace(/^-0\.00$/, '0.00')
    .replace('-', '−')

/** The law as a curve from the smallest to the largest x, in equal steps of log x. */
export function traceLaw(law: ScalingLaw, marks: readonly { x: number }[]): { x: number; y: number }[] {
  const xs = marks.map(({ x }) => x).filter((x) => x > 0)
  const [least, most] = [Math.min(...xs), Math.max(...xs)]
  if (!(most > least)) return []
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const x = least * (most / least) ** (i / STEPS)
    return { x, y: valueAt(law, x) }
  })
}
