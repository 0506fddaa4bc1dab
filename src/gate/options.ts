import { z } from 'zod'
import type { Problem } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { readMetricName } from '../row/metrics.ts'
import { phaseSchema, type Phase, PHASES } from '../row/schema.ts'

const LIMIT_FORMS = 'a number (4096) or a growth against the baseline (0%, +10%)'

const nonEmpty = z.string().min(1)

export const levelSchema = z.enum(['fail', 'warn'])

/** A budget as written in the config. */
const budgetInputSchema = z.strictObject({
  metric: nonEmpty.describe('field of a row, or ecc.NAME for a counter'),
  phase: phaseSchema.optional().describe('only this phase'),
  track: nonEmpty.optional().describe('only this track'),
  point: nonEmpty.optional().describe('only the point with this id'),
  prover: nonEmpty.optional().describe('only this prover'),
  max: z.union([z.number(), nonEmpty]).describe(LIMIT_FORMS),
  level: levelSchema.optional().describe('what exceeding it does: fail the run (default) or warn'),
})
type BudgetInput = z.input<typeof budgetInputSchema>

/** Section `gate` of the config. Each key is also a flag of a run and of `provemark gate`. */
export const gateSchema = z.strictObject({
  baseline: nonEmpty.optional().describe('JSONL file to judge against, or git:REF[:PATH]; default: none'),
  budgets: z
    .array(z.union([nonEmpty, budgetInputSchema]))
    .default([])
    .meta({
      description: 'limits; the flag can be repeated',
      flag: 'budget',
      expected:
        'METRIC[@PHASE][,track=…,point=…,prover=…,level=fail|warn]=LIMIT, LIMIT such as 4096, 0% or +10%',
    }),
  alpha: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.01)
    .describe('largest chance that an unchanged run fails because of its times, memory or sizes'),
  floors: z
    .strictObject({
      time_s: z.number().min(0).default(0.05).describe('seconds'),
      mem_mb: z.number().min(0).default(5).describe('MB'),
    })
    .default({ time_s: 0.05, mem_mb: 5 })
    .describe('changes up to these never fail: time_s=0.05,mem_mb=5'),
  inconclusive: levelSchema
    .default('warn')
    .describe('what to do if a limit cannot be decided: end the run with 2, or warn'),
  undecided: levelSchema.optional().describe('older name of inconclusive; default: none'),
  allow_missing: z
    .boolean()
    .default(false)
    .describe('accept a missing baseline or figure, for the first run'),
  gate_json: nonEmpty.optional().describe('file for the verdicts as JSON; default: none'),
  junit: nonEmpty.optional().describe('file for the verdicts as JUnit XML; default: none'),
  markdown: nonEmpty
    .optional()
    .describe('file for the findings as Markdown, to comment on a pull request; default: none'),
  bmf: nonEmpty.optional().describe('file for the figures in Bencher Metric Format; default: none'),
})
type GateSection = z.output<typeof gateSchema>
export type GateRules = Pick<GateSection, 'alpha' | 'floors' | 'inconclusive' | 'undecided' | 'allow_missing'>

/** Upper limit of a figure: a number in its own unit, or a growth over the baseline as a fraction (0.1 is +10 %). */
export type Limit = { kind: 'absolute'; max: number } | { kind: 'relative'; growth: number }

const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Parses `4096`, `0%` or `+10%`; undefined for anything else. A signed number without % would be ambiguous. */
function parseLimit(text: string | number): Limit | undefined {
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

/** A limit and the figures that it applies to. */
export interface Budget {
  metric: string
  phase?: Phase
  track?: string
  point?: string
  prover?: string
  limit: Limit
  level: 'fail' | 'warn'
}

const FORM = 'METRIC[@PHASE][,track=…,point=…,prover=…,level=fail|warn]=LIMIT'
const SELECTORS = ['track', 'point', 'prover', 'level'] as const

/** Reads budgets from flags and config objects, and collects every problem of every budget. */
export function readBudgets(given: readonly (string | BudgetInput)[]): {
  budgets: Budget[]
  problems: Problem[]
} {
  const budgets: Budget[] = []
  const problems: Problem[] = []
  for (const one of given) {
    const read = typeof one === 'string' ? readText(one) : readObject(one)
    if ('expected' in read) problems.push(read)
    else budgets.push(read)
  }
  return { budgets, problems }
}

/** In the form of a flag: `time_s@prove,track=depth,level=warn=+10%`. */
export function formatBudget(budget: Budget): string {
  const { metric, phase, level, limit } = budget
  const selectors = (['track', 'point', 'prover'] as const).flatMap((key) =>
    budget[key] === undefined ? [] : [`,${key}=${budget[key]}`],
  )
  const tier = level === 'warn' ? ',level=warn' : ''
  return `${metric}${phase ? `@${phase}` : ''}${selectors.join('')}${tier}=${formatLimit(limit)}`
}

function readText(text: string): Budget | Problem {
  const where = `budget ${text}`
  const equals = text.lastIndexOf('=')
  if (equals < 1) return { where, expected: FORM, given: 'no =LIMIT' }
  const [head = '', ...pairs] = text.slice(0, equals).split(',')
  const [metric = '', phase, ...more] = head.split('@')
  if (!metric || more.length) return { where, expected: FORM, given: JSON.stringify(head) }
  const selectors: Record<string, string> = {}
  for (const pair of pairs) {
    const [key = '', ...value] = pair.split('=')
    if (!SELECTORS.some((known) => known === key)) {
      return { where, expected: FORM, given: JSON.stringify(pair), hint: suggestName(key, SELECTORS) }
    }
    if (!value.join('=')) return { where, expected: `${key}=NAME`, given: JSON.stringify(pair) }
    selectors[key] = value.join('=')
  }
  const { level, ...names } = selectors
  return readParts(where, { metric, phase, ...names, level, max: text.slice(equals + 1) })
}

function readObject(given: BudgetInput): Budget | Problem {
  const where = `budget ${JSON.stringify(given)}`
  const parsed = budgetInputSchema.safeParse(given)
  if (parsed.success) return readParts(where, parsed.data)
  const [issue] = parsed.error.issues
  const [key = ''] = issue?.path ?? []
  // For these keys a more specific message is possible.
  if (key === 'phase' || key === 'level' || key === 'max') return readParts(where, given)
  return { where, expected: issue?.message ?? FORM, given: String(key) || 'an object' }
}

function readParts(
  where: string,
  { metric, phase, level, max, ...names }: Record<string, string | number | undefined>,
): Budget | Problem {
  const knownPhase = phaseSchema.optional().safeParse(phase)
  if (!knownPhase.success) {
    return { where, expected: 'a phase', given: String(phase), hint: suggestName(String(phase), PHASES) }
  }
  const knownLevel = levelSchema.default('fail').safeParse(level)
  if (!knownLevel.success) return { where, expected: 'level=fail or level=warn', given: String(level) }
  const limit = parseLimit(max ?? '')
  if (!limit) return { where, expected: LIMIT_FORMS, given: JSON.stringify(max) }
  if (String(metric).endsWith('_sha256') && !(limit.kind === 'relative' && limit.growth === 0)) {
    return { where, expected: '0%, since a digest either is the same or not', given: JSON.stringify(max) }
  }
  return {
    ...(names as Pick<Budget, 'track' | 'point' | 'prover'>),
    metric: readMetricName(String(metric)),
    ...(knownPhase.data ? { phase: knownPhase.data } : {}),
    limit,
    level: knownLevel.data,
  }
}

/** The gate settings of a run after merging config, environment and flags, with budgets parsed. */
export type GateOptions = Omit<GateSection, 'budgets'> & { budgets: Budget[] }

/** Whether there is a baseline or a budget to judge against. */
export const isGated = ({ baseline, budgets }: GateOptions) => baseline !== undefined || budgets.length > 0
