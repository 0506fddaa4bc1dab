import type { Field } from './fields.ts'
import type { Problem } from './problems.ts'
import { suggestName } from '../suggest-name.ts'

/** Variables that are not fields of the config: where caches lie, how the card is drawn, and how it is measured. */
const OTHER_VARIABLES = new Set(['PROVEMARK_ASCII', 'PROVEMARK_CACHE', 'PROVEMARK_GO', 'PROVEMARK_MEASURE'])

type Environment = Readonly<Record<string, string | undefined>>

/** The texts of the variables of these fields, by flag. An empty one counts as not set. */
export function readEnvironmentOf(env: Environment, fields: readonly Field[]): Map<string, string[]> {
  return new Map(fields.flatMap(({ flag, env: name }) => (env[name] ? [[flag, [env[name]]] as const] : [])))
}

/** The same, with every other `PROVEMARK_*` variable as a problem. */
export function readEnvironment(
  env: Environment,
  fields: readonly Field[],
): { given: Map<string, string[]>; problems: Problem[] } {
  const known = new Set(fields.map((field) => field.env))
  const isUnknown = (name: string) =>
    name.startsWith('PROVEMARK_') && env[name] && !OTHER_VARIABLES.has(name) && !known.has(name)
  const problems = Object.keys(env)
    .filter(isUnknown)
    .map((name) => ({ where: name, expected: 'a known variable', hint: suggestName(name, [...known]) }))
  return { given: readEnvironmentOf(env, fields), problems }
}
