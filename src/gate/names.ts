import { ProvemarkError } from '../errors.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import type { Phase } from '../row/schema.ts'
import { suggestName } from '../lib/suggest-name.ts'
import { type Budget, type BudgetProblem, formatBudget } from './budget.ts'
import { metricsOf, type Series } from '../row/series.ts'

/** Names that are valid although no row has them, such as tracks that were not selected. */
export interface KnownNames {
  tracks?: readonly string[]
  phases?: readonly Phase[]
  provers?: readonly string[]
}

const PARTS = ['metric', 'phase', 'track', 'point', 'prover'] as const

/** Names in a budget that no row has, each with the closest known names. */
export function findUnknownNames(
  budgets: readonly Budget[],
  series: readonly Series[],
  known: KnownNames = {},
  parts: readonly (typeof PARTS)[number][] = PARTS,
): BudgetProblem[] {
  const there = {
    metric: new Set(series.flatMap(metricsOf)),
    phase: new Set<string>([...series.map(({ phase }) => phase), ...(known.phases ?? [])]),
    track: new Set([...series.map(({ track }) => track), ...(known.tracks ?? [])]),
    point: new Set(series.map(({ point }) => point)),
    prover: new Set([...series.map(({ prover }) => prover), ...(known.provers ?? [])]),
  }
  return budgets.flatMap((budget) =>
    parts.flatMap((part): BudgetProblem[] => {
      const name = budget[part]
      const names = there[part] as Set<string | null>
      if (name === undefined || names.has(name)) return []
      const others = [...names].filter((other) => other !== null).toSorted(compareNaturally)
      return [
        {
          where: `budget ${formatBudget(budget)}`,
          expected: `a ${part} that a row has`,
          given: name,
          hint: suggestName(name, others),
        },
      ]
    }),
  )
}

/** One error that lists everything that is wrong with the budgets. */
export function refuseBudgets(problems: readonly BudgetProblem[]): ProvemarkError {
  const lines = problems.map(({ where, expected, given, hint }) => {
    const fault = `  - ${where}: expected ${expected}, given ${given}`
    return hint ? `${fault} (${hint})` : fault
  })
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return new ProvemarkError('CONFIG_INVALID', `${count} with the budgets\n${lines.join('\n')}`, {
    hint: 'npx provemark summary FILE --json shows the figures that there are',
  })
}
