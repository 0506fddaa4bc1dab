import { z } from 'zod'
import { phaseSchema } from '../row/schema.ts'
import { type GateRules, levelSchema } from './options.ts'

const place = {
  metric: z.string().describe('field of a row, or ecc.NAME'),
  track: z.string().nullable(),
  point: z.string(),
  phase: phaseSchema,
  prover: z.string().nullable(),
  variant: z.string().nullable().describe('the prover, and what differs between its variants in the run'),
  limit: z.string().nullable().describe('as in its budget; null where no budget names the metric'),
  level: levelSchema.nullable().describe('what exceeding the limit does; null where there is none'),
  reason: z.string().nullable().describe('why, as a sentence'),
}

const side = z.object({
  value: z.union([z.number(), z.string()]).describe('median, or the value itself where it is exact'),
  n: z.number().int().describe('iterations'),
  runs: z.number().int().optional().describe('runs of the baseline that it is judged against'),
})
export type Side = z.infer<typeof side>

const figures = {
  baseline: side.nullable(),
  now: side.nullable(),
  change: z.number().nullable().describe('growth against the baseline as a fraction: 0.1 is +10 %'),
  interval: z
    .object({
      lo: z.number(),
      hi: z.number(),
      confidence: z.number(),
      of: z.enum(['pairs', 'runs']).describe('what it counts: pairs taken in turns, or separate runs'),
    })
    .nullable()
    .describe('interval of that growth'),
  p: z.number().nullable().describe('p value of the one-sided test for an increase, Holm-adjusted'),
}

const compared = <Verdict extends string>(verdict: Verdict) =>
  z.object({ verdict: z.literal(verdict), ...place, ...figures })

/** The gate's verdict on one metric of one phase of one point. */
const checkSchema = z.discriminatedUnion('verdict', [
  compared('ok'),
  // Over its limit.
  compared('regression'),
  // Changed within its limit, or crept up over many runs.
  compared('finding'),
  compared('improved'),
  // May be within its limit or over it.
  compared('inconclusive').extend({
    detectable: z
      .number()
      .nullable()
      .describe('smallest growth that would have been found with 95 % power; null if it cannot be computed'),
  }),
  // Measured under other conditions.
  compared('not_comparable').extend({ differences: z.array(z.string()) }),
  // One side has no such figure.
  compared('missing').extend({ missing: z.enum(['baseline', 'now']) }),
  // A phase did not succeed.
  z.object({ verdict: z.literal('failed'), ...place, statuses: z.record(z.string(), z.number().int()) }),
])
export type Check = z.infer<typeof checkSchema>
export type ComparedCheck = Exclude<Check, { verdict: 'failed' }>

/** The gate's full report on a run, as printed by `--json`. */
export const reportSchema = z.object({
  exit_code: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  counts: z.record(z.string(), z.number().int()).describe('checks by verdict'),
  alpha: z.number(),
  tests: z.number().int().describe('noisy figures that share alpha'),
  checks: z.array(checkSchema).describe('worst first'),
  notes: z.array(z.string()).describe('what a reader of the verdicts should know'),
})
export type GateReport = z.infer<typeof reportSchema>

type Tolerance = Pick<GateRules, 'inconclusive' | 'undecided' | 'allow_missing'>

/** 1 for a regression or a failed phase; 2 if something is missing, or if no budget was decided. */
export function decideExitCode(checks: readonly Check[], tolerance: Tolerance): GateReport['exit_code'] {
  if (checks.some(isFatal)) return 1
  if (checks.some((check) => isUnjudged(check, tolerance))) return 2
  // Figures that are watched without a budget do not make up for budgets that could not be decided.
  const budgeted = checks.filter(({ limit }) => limit !== null)
  return (budgeted.length ? budgeted : checks).some(isDecided) ? 0 : 2
}

/** Whether a figure was judged, or is missing because the user allows it. */
function isDecided(check: Check): boolean {
  if (['failed', 'not_comparable', 'inconclusive'].includes(check.verdict)) return false
  return check.verdict === 'missing' || ('now' in check && check.now !== null)
}

/** Whether a check by itself makes the run exit with 1. */
export function isFatal({ verdict, level }: Check): boolean {
  return verdict === 'failed' || (verdict === 'regression' && level !== 'warn')
}

/** Whether a check by itself makes the run exit with 2: it should have been judged and was not. */
export function isUnjudged(
  { verdict, level }: Check,
  { inconclusive, undecided, allow_missing }: Tolerance,
): boolean {
  if (verdict === 'missing') return !allow_missing
  return verdict === 'inconclusive' && (undecided ?? inconclusive) === 'fail' && level !== 'warn'
}

/** Worst first: by effect on the exit code, then by size of the change. */
export function orderChecks(checks: readonly Check[]): Check[] {
  return checks.toSorted((a, b) => severityOf(a) - severityOf(b) || growthOf(b) - growthOf(a))
}

/** By effect on the exit code. */
const ORDER = [
  'failed',
  'regression',
  'missing',
  'warned',
  'inconclusive',
  'not_comparable',
  'finding',
  'improved',
  'ok',
]

const severityOf = (check: Check) => ORDER.indexOf(nameVerdict(check))

// A change without a number (a digest, a growth from 0) sorts as the largest.
const growthOf = (check: Check) => ('change' in check ? (check.change ?? Number.MAX_VALUE) : Number.MAX_VALUE)

/** `1 regression, 2 inconclusive, 14 ok; 12 tests share alpha 0.01; exit code 1`. */
export function summarizeReport({ checks, tests, alpha, exit_code }: GateReport): string {
  const byName = Map.groupBy(checks, nameVerdict)
  const counted = ORDER.flatMap((name) => {
    const own = byName.get(name)
    return own ? [`${own.length} ${name.replaceAll('_', ' ')}`] : []
  })
  const shared = tests ? [`${tests} ${tests === 1 ? 'test has' : 'tests share'} alpha ${alpha}`] : []
  return [counted.join(', ') || 'nothing was judged', ...shared, `exit code ${exit_code}`].join('; ')
}

/** Exceeding a limit that only warns is not called a regression, since the exit code is 0. */
function nameVerdict({ verdict, level }: Check): string {
  return verdict === 'regression' && level === 'warn' ? 'warned' : verdict
}

/** The reasons of the checks, each once with all the places that it applies to. */
export function groupReasons(checks: readonly Check[]): { reason: string; checks: Check[] }[] {
  const withReason = checks.filter(({ reason }) => reason !== null)
  const groups = Map.groupBy(withReason, ({ verdict, reason }) => `${verdict} ${reason}`)
  return [...groups.values()].map((own) => ({ reason: own[0]!.reason!, checks: own }))
}
