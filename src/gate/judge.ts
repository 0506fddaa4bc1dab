import { ProvemarkError } from '../errors.ts'
import { type Budget, type BudgetProblem, formatBudget } from './budget.ts'
import { judgeExact } from './exact.ts'
import { findUnknownNames, type KnownNames, refuseBudgets } from './names.ts'
import { judgeNoisy, testTogether } from './noisy.ts'
import { noteUnused, writeNotes } from './notes.ts'
import { findFailure, pairSeries, pairSides } from './pair.ts'
import type { GateRules } from './schema.ts'
import { selectGates, selectWatched } from './select.ts'
import { labelSeries, okCount, type Series } from '../row/series.ts'
import { decideExitCode, type GateReport, orderChecks } from './verdict.ts'

export interface JudgeInput {
  now: readonly Series[]
  /** Null if there is no baseline. */
  base: readonly Series[] | null
  /** Why there is none although one was named. */
  absence?: string
  budgets: readonly Budget[]
  rules: GateRules
  /**
   * The two are sides of a comparison: measured in turns, so that the n-th repetitions of both are a pair, and different
   * in prover or settings on purpose.
   */
  sides?: boolean
  /** How often this comparison is judged while it grows; 1 unless it goes on until all is decided. */
  looks?: number
  known?: KnownNames
}

/**
 * Judges every budget, and watches every exact figure that no budget names.
 * @throws ProvemarkError NO_ROWS if there is nothing to judge, CONFIG_INVALID for budgets that match no row
 */
export function judge({
  now,
  base,
  budgets,
  rules,
  sides = false,
  looks = 1,
  known,
  absence,
}: JudgeInput): GateReport {
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

function nowhere({ metric, ...budget }: Budget, now: readonly Series[]): BudgetProblem {
  const holders = now.filter(({ numbers, digests }) => numbers.has(metric) || digests.has(metric))
  const places = new Set(holders.map(({ phase, prover }) => [phase, prover].filter(Boolean).join(' of ')))
  return {
    where: `budget ${formatBudget({ metric, ...budget })}`,
    expected: `a place that has ${metric}`,
    given: 'one where no row has it',
    hint: `it is in ${[...places].join(', ')}`,
  }
}
