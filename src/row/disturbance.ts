import type { Row } from './schema.ts'

/**
 * What others did to a phase while it ran, as fields of its row. They describe the machine and not the prover, so none
 * of them is a metric.
 */
export const EVIDENCE = [
  'others_cpu_s',
  'steal_s',
  'throttled_s',
  'run_delay_s',
  'involuntary_switches',
  'disturbed',
] as const satisfies readonly (keyof Row)[]

/** From this share of its wall clock on, a phase counts as disturbed. */
const DISTURBED_SHARE = 0.05

/** Whether others cost the phase a share of its time that shows; undefined if its row has no evidence. */
export function isDisturbed({ disturbed }: Pick<Row, 'disturbed'>): boolean | undefined {
  return disturbed == null ? undefined : disturbed >= DISTURBED_SHARE
}
