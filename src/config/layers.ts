import type { z } from 'zod'
import { convertText } from './convert.ts'
import { explainIssue } from './explain-issue.ts'
import { fieldsOf, type Field } from './fields.ts'
import type { Problem } from './problems.ts'
import { suggestName } from '../suggest-name.ts'

/** One source of values; of two that name a key, the later wins. */
export interface Layer {
  values: Readonly<Record<string, unknown>>
  /** How this source names a field in a message. */
  nameOf: (field: Field) => string
  /** What stands behind the name and the path inside the value: ` in the config`. */
  suffix?: string
}

/** A list of a hundred thousand wrong values is not worth an explanation of each. */
const MOST_ISSUES = 200

/** A layer of flags or variables: texts by flag, converted by the types of the fields. */
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

/** The layers merged and checked: the values with their defaults, or every problem with the source that caused it. */
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
      // What nobody gave is asked for by the name that comes last: the flag.
      where: `${(source ?? layers.at(-1))?.nameOf(field) ?? field.key}${path}${source?.suffix ?? ''}`,
      ...fault,
    }))
  })
  return { problems: dropRepeats(problems) }
}

/** Own keys only, each defined anew: a key called __proto__ is unknown like any other, and lends nothing. */
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

/** A union reports a fault once for each of its branches. */
function dropRepeats(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.where, problem])).values()]
}
