import { ProvemarkError } from '../errors.ts'
import { cutText } from './show-value.ts'

/** One thing that is wrong with what the user gave. */
export interface Problem {
  /** The flag, the variable or the config path: `--depth-max`. */
  where: string
  expected: string
  /** As the user wrote it; absent where nothing was given. */
  given?: string
  hint?: string | undefined
}

/** A list of ten thousand wrong values has one cause. */
const MOST_SHOWN = 50

/** One error that names every problem, since fixing them one by one costs a run each. */
export function refusePlan(problems: Problem[]): ProvemarkError {
  const lines = problems.slice(0, MOST_SHOWN).map(({ where, expected, given, hint }) => {
    const fault = `${cutText(where)}: expected ${expected}${given === undefined ? '' : `, given ${cutText(given)}`}`
    return hint ? `${fault} (${cutText(hint)})` : fault
  })
  if (problems.length > lines.length) lines.push(`and ${problems.length - lines.length} more`)
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return new ProvemarkError(
    'CONFIG_INVALID',
    `${count}, nothing was run\n${lines.map((l) => `  - ${l}`).join('\n')}`,
    {
      hint: 'npx vitest bench -- --help lists the flags with their defaults',
    },
  )
}
