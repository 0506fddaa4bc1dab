import { readMetricName } from '../row/metrics.ts'
import { type Phase, PHASES, phaseSchema } from '../row/schema.ts'
import { suggestName } from '../lib/suggest-name.ts'
import { type BudgetInput, budgetInputSchema, type GateSection, levelSchema, LIMIT_FORMS } from './schema.ts'

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

/** What is wrong with a budget. */
export interface BudgetProblem {
  where: string
  expected: string
  given: string
  hint?: string
}

const FORM = 'METRIC[@PHASE][,track=…,point=…,prover=…,level=fail|warn]=LIMIT'
const SELECTORS = ['track', 'point', 'prover', 'level'] as const

/** Reads budgets from flags and config objects, and collects every problem of every budget. */
export function readBudgets(given: readonly (string | BudgetInput)[]): {
  budgets: Budget[]
  problems: BudgetProblem[]
} {
  const budgets: Budget[] = []
  const problems: BudgetProblem[] = []
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

function readText(text: string): Budget | BudgetProblem {
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

function readObject(given: BudgetInput): Budget | BudgetProblem {
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
): Budget | BudgetProblem {
  const knownPhase = phaseSchema.optional().safeParse(phase)
  if (!knownPhase.success) {
    return { where, expected: 'a phase', given: String(phase), hint: suggestName(String(phase), PHASES) }
  }
  const knownLevel = levelSchema.default('fail').safeParse(level)
  if (!knownLevel.success) return { where, expected: 'level=fail or level=warn', given: String(level) }
  const limit = parseLimit(max ?? '')
  if (!limit) return { where, expected: LIMIT_FORMS, given: JSON.stringify(max) }
  if (String(metric).endsWith('_sha256') && !(limit.kind === 'relative' && limit.growth === 0)) {
    return { where, expected: '0%, since a digest is the same or another', given: JSON.stringify(max) }
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
