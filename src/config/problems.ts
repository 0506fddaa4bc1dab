import { ProvemarkError } from '../errors.ts'
import { cutText } from './explain-issue.ts'

/** One problem with the user's input. */
export interface Problem {
  /** The flag, the variable or the config path: `--depth-max`. */
  where: string
  expected: string
  /** As the user wrote it; absent if nothing was given. */
  given?: string
  hint?: string | undefined
}

/** Ten thousand wrong values have one cause. */
const MOST_SHOWN = 50

/** An impossible plan, with everything that is wrong with it. */
class PlanRefusal extends ProvemarkError {
  readonly #problems: readonly Problem[]

  constructor(
    problems: readonly Problem[],
    hint = 'npx vitest bench -- --help lists the flags with their defaults',
  ) {
    const lines = [...new Set(problems.map(describeProblem))]
    const count = lines.length === 1 ? '1 problem' : `${lines.length} problems`
    const shown = lines.slice(0, MOST_SHOWN)
    if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`)
    const listed = shown.map((line) => `  - ${line}`).join('\n')
    super('CONFIG_INVALID', `${count}, nothing was run\n${listed}`, { hint })
    this.#problems = problems
  }

  get problems(): readonly Problem[] {
    return this.#problems
  }
}

/** One error that lists every problem, since fixing them one by one would cost a run each. */
export function refusePlan(problems: readonly Problem[], next?: string): PlanRefusal {
  return new PlanRefusal(problems, next)
}

/** The result of a step; undefined if it fails, with its problems added to the list. */
export async function collectProblems<Result>(
  problems: Problem[],
  step: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof PlanRefusal)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

function describeProblem({ where, expected, given, hint }: Problem): string {
  const fault = `${cutText(where)}: expected ${expected}${given === undefined ? '' : `, given ${cutText(given)}`}`
  return hint ? `${fault} (${cutText(hint)})` : fault
}
