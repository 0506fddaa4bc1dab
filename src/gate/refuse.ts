import { ProvemarkError } from '../errors.ts'
import type { BudgetProblem } from './budget.ts'

/** One error that names everything that is wrong with the budgets. */
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
