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
  if (items.type === 'integer') return 'such as 28,56,84 or start:stop[:step]'
  return json['commas'] === true ? 'such as a,b' : 'by repeating the flag'
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

/** Maximum length of a range: a typo such as 1:1000000000 must not exhaust memory. */
const RANGE_LIMIT = 10_000

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/**
 * Converts the text of a flag or an environment variable by the type of its field. Text that fits none of its types is
 * returned as it is, so that the schema rejects it.
 */
export function convertText(texts: string[], { json }: Field): unknown {
  const forms = alternatives(json)
  const list = forms.find(({ type }) => type === 'array')
  if (list) return texts.flatMap((text) => convertList(text, list.items as JsonSchema, json))
  // Repeated flags of pairs add up; for other flags the last one counts.
  const text = json['merged'] === true ? texts.join(',') : texts.at(-1)!
  for (const form of forms) {
    const value = convertOne(text, form)
    if (value !== undefined) return value
  }
  return text
}

function convertOne(text: string, form: JsonSchema): unknown {
  if (form.type === 'integer' || form.type === 'number') return toNumber(text)
  if (form.type === 'boolean') return BOOLEANS.get(text)
  if (form.type === 'object' && text.includes('=')) return convertPairs(text, form)
  return undefined
}

function convertPairs(text: string, form: JsonSchema): Record<string, unknown> {
  const pairs = text.split(',').map((pair) => {
    const [key = '', ...rest] = pair.split('=')
    const value = rest.join('=')
    const property = (form.properties?.[key] ?? form.additionalProperties ?? {}) as JsonSchema
    return [key.trim(), convertOne(value, property) ?? value]
  })
  return Object.fromEntries(pairs) as Record<string, unknown>
}

/** `28,56,84`, `start:stop[:step]` including the stop, or a mix of both. */
function convertList(text: string, items: JsonSchema, { commas, words }: JsonSchema): unknown[] {
  if (words) return text.split(' ').filter(Boolean)
  // A path, a prover spec or a budget may contain commas, so such a list is given by repeating its flag.
  if (alternatives(items).some(({ type }) => type === 'string')) return commas ? text.split(',') : [text]
  return text.split(',').flatMap((part) => {
    const bounds = part.split(':').map(toNumber)
    if (bounds.length === 1) return [bounds[0] ?? part]
    return expandRange(bounds) ?? [part]
  })
}

function expandRange([start, stop, step = 1, ...more]: (number | undefined)[]): number[] | undefined {
  if (start === undefined || stop === undefined || more.length || !(step > 0) || stop < start)
    return undefined
  const length = Math.floor((stop - start) / step) + 1
  return length <= RANGE_LIMIT ? Array.from({ length }, (_, i) => start + i * step) : undefined
}

function toNumber(text: string): number | undefined {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : undefined
}
