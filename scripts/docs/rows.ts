import { z } from 'zod'
import { rowSchema } from '../../src/row/schema.ts'
import { renderTable } from './table.ts'

interface JsonSchema {
  type?: string | string[]
  description?: string
  unit?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
}

/** The table of a row's fields, from the schema itself. */
export function renderRows(): string {
  const schema = z.toJSONSchema(rowSchema, { io: 'input' }) as JsonSchema
  return `# Rows

A results file is JSONL: one JSON object for each phase of each iteration, appended as soon as it is measured. Generated
from src/row/schema.ts.

When a row is read, any field except \`phase\` may be null or absent, and fields that are not in this table are kept. The
fields up to \`proof_size_bytes\` have the same names, types and meaning as in the rows of \`jst bench\`. Every other
artifact of a prover also has a field \`NAME_size_bytes\`. MB is 2^20 bytes.

${renderTable(['field', 'type', 'unit', 'meaning'], listFields(schema))}`
}

function listFields({ properties = {} }: JsonSchema, prefix = ''): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const [value] = valuesOf(field)
    const own = [`\`${prefix}${name}\``, nameType(field), field.unit ?? '', field.description ?? '']
    return [own, ...(value?.properties ? listFields(value, `${prefix}${name}.`) : [])]
  })
}

/** The types of a field apart from null. */
function valuesOf(field: JsonSchema): JsonSchema[] {
  return (field.anyOf ?? [field]).filter(({ type }) => type !== 'null')
}

function nameType(field: JsonSchema): string {
  return valuesOf(field).map(nameOneType).join(' or ')
}

function nameOneType({
  type,
  enum: choices,
  const: only,
  anyOf,
  items,
  additionalProperties,
}: JsonSchema): string {
  if (anyOf) return nameType({ anyOf })
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ')
  if (only !== undefined) return `\`${only}\``
  if (type === 'array') return `list of ${items ? nameType(items) : 'any'}`
  if (type === 'object' && typeof additionalProperties === 'object' && additionalProperties.type) {
    return `object of ${nameType(additionalProperties)}`
  }
  return [type]
    .flat()
    .filter((name) => name !== 'null')
    .join(' or ')
}
