import type { Security, Row } from './schema.ts'

/** What a proof states and hides, in reading order. */
const PARTS = ['weights', 'input', 'output'] as const

/** `weights fixed in the circuit, input hidden, output public, zero knowledge`; empty if none of it is declared. */
export function describeProved(security: Security | null | undefined): string[] {
  const parts = PARTS.flatMap((part) => {
    const value = security?.[part] ?? 'unknown'
    return value === 'unknown' ? [] : [`${part} ${value === 'fixed' ? 'fixed in the circuit' : value}`]
  })
  const { zero_knowledge: zk = 'unknown' } = security ?? {}
  return [...parts, ...(zk === 'unknown' ? [] : [zk ? 'zero knowledge' : 'no zero knowledge'])]
}

/** What decides whether one of several variants may be called the best. */
interface Contestant {
  prover: string | undefined
  security: Security | null | undefined
  run_ids: readonly string[]
  side: 'a' | 'b' | null | undefined
}

/**
 * Why none of these variants may be called the best. Null if one may, provided that intervals do not overlap: they
 * prove the same things, and they took turns in one run or were measured in several, so that a busy hour does not
 * decide.
 */
export function whyNoBest(contestants: readonly Contestant[]): string | null {
  const classes = new Set(contestants.map(({ security }) => describeProved(security).join(', ')))
  const provers = new Set(contestants.map(({ prover }) => prover))
  if (classes.size > 1) return 'the variants prove different things'
  if (provers.size > 1 && classes.has('')) return 'what the provers prove is not declared'
  const runs = new Set(contestants.flatMap(({ run_ids }) => run_ids))
  const tookTurns = runs.size === 1 && contestants.every(({ side, run_ids }) => side && run_ids.length)
  if (tookTurns || contestants.every(({ run_ids }) => run_ids.length > 1)) return null
  return 'the variants did not take turns and were measured in one run only'
}

interface Claim {
  /** Name of the prover. */
  name: string
  security: Security | null | undefined
}

/**
 * How the claims of several provers differ: `input hidden (gnark), public (ezkl)`. Figures of provers that prove
 * different things may be compared, but a reader has to know. Provers that declare nothing differ in nothing known.
 */
export function listDifferences(claims: readonly Claim[]): string[] {
  return [...PARTS, 'zero_knowledge' as const].flatMap((part) => {
    const values = claims.map(({ name, security }) => ({
      name,
      value: String(security?.[part] ?? 'unknown'),
    }))
    if (new Set(values.map(({ value }) => value)).size < 2) return []
    const byValue = [...Map.groupBy(values, ({ value }) => value)]
    const show = (value: string) => (part === 'zero_knowledge' ? ZK[value] : value) ?? value
    const items = byValue.map(
      ([value, own]) => `${show(value)} (${[...new Set(own.map(({ name }) => name))].join(', ')})`,
    )
    return [`${part.replace('_', ' ')} ${items.join(', ')}`]
  })
}

const ZK: Readonly<Record<string, string>> = { true: 'yes', false: 'no' }

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
