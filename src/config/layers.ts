import type { z } from 'zod'
import type { Problem } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { isRecord } from '../row/json.ts'
import { convertText, type Field, fieldsOf } from './fields.ts'
import { explainIssue } from './problems.ts'

/** A source of values. If several set a key, the last one wins. */
export interface Layer {
  values: Readonly<Record<string, unknown>>
  /** How this source names a field in a message. */
  nameOf: (field: Field) => string
  /** Text after the name and the path within the value: ` in the config`. */
  suffix?: string
}

/** With more wrong values than this, explaining each is pointless. */
const MOST_ISSUES = 200

/** A layer of flags or variables: texts by flag, converted by field type. */
export function textLayer(
  given: ReadonlyMap<string, string[]>,
  fields: readonly Field[],
  nameOf: Layer['nameOf'],
): Layer {
  const values = fields.flatMap((field) => {
    const texts = given.get(field.flag)
    return texts ? [[field.key, convertText(texts, field)] as const] : []
  })
  return { values: Object.fromEntries(values), nameOf }
}

/** Merges and validates the layers: returns the values with defaults, or every problem with its source. */
export function mergeLayers<Schema extends z.ZodObject>(
  schema: Schema,
  layers: readonly Layer[],
): { value?: z.output<Schema>; problems: Problem[] } {
  const merged = mergeValues(layers)
  const parsed = schema.strict().safeParse(merged)
  if (parsed.success) return { value: parsed.data as z.output<Schema>, problems: [] }
  const fields = fieldsOf(schema)
  const problems = parsed.error.issues.slice(0, MOST_ISSUES).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys' && !issue.path.length)
      return issue.keys.map((key) => unknownKey(key, layers, fields))
    const field = fields.find(({ key }) => key === issue.path[0])
    if (!field) return [{ where: issue.path.join('.') || 'config', expected: issue.message }]
    const source = sourceOf(field.key, layers)
    const faults = explainIssue(issue, merged[field.key], field.json, field.expected)
    return faults.map(({ path, ...fault }) => ({
      // A missing value is named after the last layer: the flag.
      where: `${(source ?? layers.at(-1))?.nameOf(field) ?? field.key}${path}${source?.suffix ?? ''}`,
      ...fault,
    }))
  })
  return { problems: dropRepeats(problems) }
}

/** Copies own keys only, by definition: a key called __proto__ is unknown like any other and sets no prototype. */
function mergeValues(layers: readonly Layer[]): Record<string, unknown> {
  const given = layers.flatMap(({ values }) => Object.entries(values))
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

function sourceOf(key: string, layers: readonly Layer[]): Layer | undefined {
  return layers.findLast(({ values }) => Object.hasOwn(values, key) && values[key] !== undefined)
}

function unknownKey(key: string, layers: readonly Layer[], fields: readonly Field[]): Problem {
  const field = { key, flag: key } as Field
  const hint = suggestName(
    key,
    fields.map((known) => known.key),
  )
  const source = sourceOf(key, layers)
  return {
    where: source ? `${source.nameOf(field)}${source.suffix ?? ''}` : key,
    expected: 'a known key',
    hint,
  }
}

/** A union reports the same fault once per branch. */
function dropRepeats(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.where, problem])).values()]
}

/** Variables that are not config fields: cache locations, how the card is drawn, and how phases are measured. */
const OTHER_VARIABLES = new Set([
  'PROVEMARK_ASCII',
  'PROVEMARK_CACHE',
  'PROVEMARK_GO',
  'PROVEMARK_MEASURE',
  'PROVEMARK_PREBUILT',
])

type Environment = Readonly<Record<string, string | undefined>>

/** The texts of these fields' variables, by flag. An empty variable counts as unset. */
export function readEnvironmentOf(env: Environment, fields: readonly Field[]): Map<string, string[]> {
  return new Map(fields.flatMap(({ flag, env: name }) => (env[name] ? [[flag, [env[name]]] as const] : [])))
}

/** The same, but every other `PROVEMARK_*` variable is a problem. */
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

type Config = Readonly<Record<string, unknown>>

/** Sections whose keys are inherited one by one, and how many levels of them. */
const SECTION_LEVELS = new Map([
  ['gate', 1],
  ['tracks', 2],
])

/** Merges a project's config over the one that it inherits, key by key; its own values win. */
export function inheritConfig(base: Config, own: Config): Config {
  return mergeKeys(base, own, (key) => SECTION_LEVELS.get(key) ?? 0)
}

/** @param levelsOf how many levels of the value at a key are merged; deeper values replace the inherited ones */
function mergeKeys(base: Config, own: Config, levelsOf: (key: string) => number): Config {
  const merged = Object.entries(own).map(([key, value]) => {
    const [inherited, levels] = [base[key], levelsOf(key)]
    const isMerged = levels > 0 && isRecord(inherited) && isRecord(value)
    return [key, isMerged ? mergeKeys(inherited, value, () => levels - 1) : value] as const
  })
  return { ...base, ...Object.fromEntries(merged) }
}
