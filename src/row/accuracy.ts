import type { Row } from './schema.ts'

type Accuracy = NonNullable<Row['accuracy']>

/** A tolerance above this share of the output's range would accept almost any output. */
const MAX_TOLERANCE_SHARE = 0.05

/** Whether a tolerance leaves something to compare. */
export function isComparable(tolerance: number | null | undefined, { range }: Accuracy): boolean {
  return tolerance == null || tolerance <= MAX_TOLERANCE_SHARE * range
}

/** `0.31 %`, with three digits. */
export function formatShare(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

/** `over 20 inputs at most 0.31 % of its range, 0.02 % on average`, `top-1 the same in 99.5 %`. */
export function describeAccuracy({ inputs, max_error, mean_error, top1 }: Accuracy): string[] {
  const over = inputs === 1 ? '' : `over ${inputs} inputs `
  const top = top1 === undefined ? [] : [`top-1 the same in ${formatShare(top1)}`]
  return [
    `${over}at most ${formatShare(max_error)} of its range, ${formatShare(mean_error)} on average`,
    ...top,
  ]
}
