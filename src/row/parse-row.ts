import { ProvemarkError } from '../errors.ts'
import { makeQuickCheck } from './quick-check.ts'
import { type Row, rowSchema } from './schema.ts'

const isSurelyRow = makeQuickCheck(rowSchema)

/** A row from one line of JSONL. Throws ROWS_UNREADABLE that says what of the line is wrong. */
export function parseRow(text: string): Row {
  const value = parseJson(text)
  if (isSurelyRow(value)) return value as Row
  const parsed = rowSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue, ...others] = parsed.error.issues
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  const more = others.length ? ` (and ${others.length} more)` : ''
  throw new ProvemarkError('ROWS_UNREADABLE', `not a row: ${where}${issue?.message}${more}`, {
    hint: 'docs/rows.md names the fields and their types',
  })
}

/** What git leaves around the two sides of a merge, the common ancestor's included, at whatever length is set. */
export const CONFLICT_MARKER = /^(?:<{7,}|\|{7,}|={7,}|>{7,})(?:\s|$)/

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (CONFLICT_MARKER.test(text)) {
      throw new ProvemarkError(
        'ROWS_UNREADABLE',
        `git's conflict marker: ${JSON.stringify(text.slice(0, 40))}`,
        {
          cause,
          hint: 'resolve the merge: keep the lines of one side alone',
        },
      )
    }
    throw new ProvemarkError(
      'ROWS_UNREADABLE',
      `not JSON: starts with ${JSON.stringify(text.slice(0, 40))}`,
      {
        cause,
        hint: 'each line of a results file holds one JSON object',
      },
    )
  }
}
