import { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** A key of a schema as a flag, an environment variable and a line of help. */
export interface Field {
  /** Key in the config: `depth_max`. */
  key: string
  /** `depth-max` */
  flag: string
  /** `o`, if the flag also has a short form. */
  short?: string
  /** An older name that still works. */
  alias?: string
  /** `PROVEMARK_DEPTH_MAX` */
  env: string
  description: string
  default: unknown
  /** Description of valid values. */
  expected: string
  json: JsonSchema
}

export function fieldsOf(schema: z.ZodObject): Field[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([key, property]) => {
    const json = property as JsonSchema
    const name = typeof json['flag'] === 'string' ? json['flag'] : key
    return {
      key,
      flag: name.replaceAll('_', '-'),
      ...(typeof json['short'] === 'string' ? { short: json['short'] } : {}),
      ...(typeof json['alias'] === 'string' ? { alias: json['alias'] } : {}),
      env: `PROVEMARK_${name.toUpperCase().replaceAll('-', '_')}`,
      description: json.description ?? '',
      default: json.default,
      expected: describeType(json),
      json,
    }
  })
}

/** The alternatives of a schema; the schema itself if it has only one. */
export function alternatives(json: JsonSchema): JsonSchema[] {
  return (json.anyOf as JsonSchema[] | undefined)?.flatMap(alternatives) ?? [json]
}

export function isBoolean(json: JsonSchema): boolean {
  return alternatives(json).every(({ type }) => type === 'boolean')
}

/** Whether `--no-NAME` stands for `--NAME off`. */
export function canBeOff({ enum: values }: JsonSchema): boolean {
  return values?.includes('off') ?? false
}

/** Describes valid values. */
export function describeType(json: JsonSchema): string {
  if (typeof json['expected'] === 'string') return json['expected']
  return alternatives(json).map(describeOne).join(', or ')
}

function describeOne(json: JsonSchema): string {
  if (json.enum) return `one of ${json.enum.join(', ')}`
  if (json.type === 'boolean') return 'true or false'
  if (json.type === 'integer' || json.type === 'number') return describeNumber(json)
  if (json.type === 'array') {
    const items = json.items as JsonSchema
    return `a list of ${pluralOf(items)}, ${describeListForm(json, items)}`
  }
  if (json.type === 'object') return 'KEY=VALUE,…'
  if (json.pattern) return `text that matches ${json.pattern}`
  return 'text'
}

function describeListForm(json: JsonSchema, items: JsonSchema): string {
  if (items.type === 'integer') return 'as 28,56,84 or start:stop[:step]'
  return json['commas'] === true ? 'as a,b' : 'the flag once for each'
}

function describeNumber({ type, minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const noun = type === 'integer' ? 'an integer' : 'a number'
  const bounds = [
    minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? '' : `at least ${minimum}`,
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : `at most ${maximum}`,
  ].filter(Boolean)
  return bounds.length ? `${noun} of ${bounds.join(' and ')}`.replace('of above', 'above') : noun
}

function pluralOf(items: JsonSchema): string {
  if (items.type === 'integer') return 'integers'
  if (items.type === 'number') return 'numbers'
  return 'values'
}
