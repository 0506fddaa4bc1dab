import type { Field } from './fields.ts'
import type { Problem } from './problems.ts'
import { suggestName } from '../suggest-name.ts'

/** Variables that are not fields of the config: where caches lie, how the card is drawn, and how it is measured. */
const OTHER_VARIABLES = new Set(['PROVEMARK_ASCII', 'PROVEMARK_CACHE', 'PROVEMARK_GO', 'PROVEMARK_MEASURE'])

/** The texts of the `PROVEMARK_*` variables, by flag. An empty one counts as not set. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  fields: readonly Field[],
): { given: Map<string, string[]>; problems: Problem[] } {
  const byName = new Map(fields.map((field) => [field.env, field]))
  const given = new Map<string, string[]>()
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('PROVEMARK_') || !value || OTHER_VARIABLES.has(name)) continue
    const field = byName.get(name)
    if (field) given.set(field.flag, [value])
    else
      problems.push({
        where: name,
        expected: 'a known variable',
        hint: suggestName(name, [...byName.keys()]),
      })
  }
  return { given, problems }
}
