import { max } from 'simple-statistics'
import { type Problem, ProvemarkError } from '../errors.ts'
import { type Budget, formatBudget, type Limit, type GateRules } from './options.ts'
import { findUnknownNames, type KnownNames, refuseBudgets } from './refusals.ts'
import { judgeNoisy, testTogether } from './noisy.ts'
import { noteUnused, writeNotes } from './notes.ts'
import { findFailure, pairSeries, pairSides } from './pair.ts'
import { selectGates, selectWatched, type Gate, placeOf, whyNoBaseline, whyNotNow } from './select.ts'
import { hasMetric, labelSeries, okCount, type Series, numbersOf } from '../row/series.ts'
import { decideExitCode, type GateReport, orderChecks, type ComparedCheck, type Side } from './verdict.ts'
import { isCounter, type MetricClass } from '../row/metrics.ts'

export interface JudgeInput {
  now: readonly Series[]
  /** Null if there is no baseline. */
  base: readonly Series[] | null
  /** Why there is none although one was named. */
  absence?: string
  budgets: readonly Budget[]
  rules: GateRules
  /**
   * The two are sides of a comparison: measured in turns, so that the n-th iterations of both are a pair, and different
   * in prover or settings on purpose.
   */
  sides?: boolean
  /** How often this comparison is judged while it grows; 1 unless it continues until every budget is decided. */
  looks?: number
  known?: KnownNames
}

/**
 * Judges every budget, and watches every exact figure that no budget names.
 * @throws ProvemarkError NO_ROWS if there is nothing to judge, CONFIG_INVALID for budgets that match no row
 */
export function judge(input: JudgeInput): GateReport {
  const { now, base, budgets, rules, sides = false, looks = 1, known, absence } = input
  if (!now.length) {
    throw new ProvemarkError('NO_ROWS', 'there is no row to judge', {
      hint: 'npx vitest bench writes rows; --run selects another run of a file',
    })
  }
  labelSeries(now)
  const unknown = findUnknownNames(budgets, [...now, ...(base ?? [])], known)
  if (unknown.length) throw refuseBudgets(unknown)
  const { pairs, unmeasured } = (sides ? pairSides : pairSeries)(now, base ?? [])
  const selected = budgets.map((budget) => ({ budget, gates: selectGates(budget, pairs, { sides }) }))
  const unused = selected.filter(({ gates }) => !gates.length).map(({ budget }) => explain(budget, now))
  const budgeted = selected.flatMap(({ gates }) => gates)
  const gates = [...budgeted, ...selectWatched(pairs, budgeted, { sides })]
  const family = testTogether(gates, { basis: sides ? 'pairs' : 'runs', alpha: rules.alpha, looks })
  const context = { rules, family, absence: base ? null : (absence ?? 'no baseline was given') }
  const checks = [
    ...now.flatMap(findFailure),
    ...gates.map((gate) =>
      gate.kind === 'noisy' ? judgeNoisy(gate, context) : judgeExact(gate, context.absence),
    ),
  ]
  const budgetChecks = checks.filter(({ limit }) => limit !== null)
  const isMeasured = now.some((series) => okCount(series) > 0)
  const byVerdict = Map.groupBy(checks, ({ verdict }) => verdict)
  return {
    exit_code: decideExitCode(checks, rules) || (isMeasured ? 0 : 2),
    counts: Object.fromEntries([...byVerdict].map(([verdict, own]) => [verdict, own.length])),
    alpha: rules.alpha,
    tests: family.tests,
    checks: orderChecks(checks),
    notes: [
      ...(isMeasured ? [] : ['nothing was measured: no phase succeeded']),
      ...(budgetChecks.length && budgetChecks.every(({ verdict }) => verdict === 'inconclusive')
        ? ['no budget was decided, so nothing was judged']
        : []),
      ...unused,
      ...writeNotes(gates, pairs, unmeasured),
    ],
  }
}

/** Why a budget judges nothing. A budget for a figure that its phase or prover never has could never be judged. */
function explain(budget: Budget, now: readonly Series[]): string {
  const note = noteUnused(budget, now)
  if (note) return note
  throw refuseBudgets([nowhere(budget, now)])
}

function nowhere({ metric, ...budget }: Budget, now: readonly Series[]): Problem {
  const holders = now.filter((series) => hasMetric(series, metric))
  const places = new Set(holders.map(({ phase, prover }) => [phase, prover].filter(Boolean).join(' of ')))
  return {
    where: `budget ${formatBudget({ metric, ...budget })}`,
    expected: `a phase, point or prover that has ${metric}`,
    given: places.size ? 'one where no row has it' : 'a run where no row has it',
    hint: places.size ? `it is in ${[...places].join(', ')}` : undefined,
  }
}

/** An exact metric of one series: its value, and whether iterations disagree. */
interface ExactFigure extends Side {
  /** All different values, if there is more than one. */
  varies: (number | string)[] | null
}

/** The value of a counter, a size or a digest; the largest if iterations disagree. Null if there is none. */
function readExact(series: Series, metric: string, kind: MetricClass): ExactFigure | null {
  const values: (number | string)[] =
    kind === 'digest' ? [...(series.digests.get(metric) ?? [])] : numbersOf(series, metric)
  if (!values.length) return null
  const different = [...new Set(values)]
  const value = kind === 'digest' ? different.at(-1)! : max(different as number[])
  return { value, n: values.length, varies: different.length > 1 ? different : null }
}

/** Growth of a number as a fraction; null for digests and for growth from 0. */
function growthOf({ value: base }: Side, { value: now }: Side): number | null {
  if (typeof base !== 'number' || typeof now !== 'number') return null
  if (base === now) return 0
  return base === 0 ? null : now / base - 1
}

/**
 * Judges a counter, a size or a digest. Any change is a finding, and one over its limit is a regression. A counter that
 * is in the baseline but not in the run is missing, with or without a budget: otherwise its loss would never be
 * noticed.
 */
function judgeExact(gate: Gate, absence: string | null): ComparedCheck {
  const { metric, kind, pair, budget } = gate
  const now = readExact(pair.now, metric, kind)
  const base = pair.base && readExact(pair.base, metric, kind)
  const figures = {
    baseline: base && { value: base.value, n: base.n },
    now: now && { value: now.value, n: now.n },
    change: now && base && growthOf(base, now),
    interval: null,
    p: null,
  }
  const check = { ...placeOf(gate), ...figures }
  if (!now) {
    const reason = whyNotNow(gate)
    if (!budget && !isCounter(metric)) return { ...check, verdict: 'finding', reason }
    return { ...check, verdict: 'missing', missing: 'now', reason }
  }
  if (!base && budget?.limit.kind === 'relative') {
    return { ...check, verdict: 'missing', missing: 'baseline', reason: whyNoBaseline(gate, absence) }
  }
  const varies = now.varies && `varies between iterations: ${now.varies.slice(0, 3).join(', ')}`
  if (budget && isOver(budget.limit, base, now)) return { ...check, verdict: 'regression', reason: varies }
  const isChanged = base !== null && base.value !== now.value
  return { ...check, verdict: isChanged || varies ? 'finding' : 'ok', reason: varies }
}

function isOver(limit: Limit, base: ExactFigure | null, { value: now }: ExactFigure): boolean {
  if (limit.kind === 'absolute') return typeof now === 'number' && now > limit.max
  if (typeof now !== 'number' || typeof base?.value !== 'number') return now !== base?.value
  // 100 * 1.15 is slightly below 115. Without growth the figures are compared exactly, however large they are.
  return now > base.value * (1 + limit.growth) * (limit.growth === 0 ? 1 : 1 + 1e-12)
}
