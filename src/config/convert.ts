import { alternatives, type Field } from './fields.ts'

type JsonSchema = Field['json']

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
