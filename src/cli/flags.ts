import type { ArgsDef } from 'citty'
import { z } from 'zod'
import { convertText } from '../config/convert.ts'
import { fieldsOf } from '../config/fields.ts'
import { ProvemarkError } from '../errors.ts'

/** The keys of a schema as flags of a command. */
export function flagsOf(schema: z.ZodObject): ArgsDef {
  return Object.fromEntries(
    fieldsOf(schema).map(({ flag, description, default: fallback }) => {
      const shown = fallback === undefined ? description : `${description} (default ${String(fallback)})`
      return [flag, { type: 'string', description: shown }] as const
    }),
  )
}

/**
 * What a command's arguments say of a schema, with its defaults.
 * @throws ProvemarkError CONFIG_INVALID naming every flag that does not fit
 */
export function readFlags<Schema extends z.ZodObject>(
  schema: Schema,
  args: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const fields = fieldsOf(schema).filter(({ flag }) => typeof args[flag] === 'string')
  const given = Object.fromEntries(
    fields.map((field) => [field.key, convertText([String(args[field.flag])], field)]),
  )
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]))
  const lines = fields
    .filter(({ key }) => wrong.has(key))
    .map(({ flag, expected }) => `--${flag}: expected ${expected}, given ${String(args[flag])}`)
  throw new ProvemarkError('CONFIG_INVALID', lines.join('\n'), {
    hint: 'add --help for the flags of this command',
  })
}
