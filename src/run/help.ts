import { fieldsOf, type Field } from '../config/fields.ts'
import { commandSchema } from '../config/command-options.ts'
import { PROFILES, runSchema } from '../plan/options.ts'
import { gateSchema } from '../gate/schema.ts'
import type { TrackDefinition } from '../track/define.ts'

/** The flags of a run and of every track, each with what it takes and its default in each profile. */
export function renderHelp(tracks: readonly TrackDefinition[]): string {
  const sections = [
    section('every run', [...fieldsOf(runSchema), ...fieldsOf(commandSchema)], PROFILES),
    section('gate', fieldsOf(gateSchema), {}),
    ...tracks.map((track) => section(`track ${track.name}`, fieldsOf(track.params), track.profiles ?? {})),
  ]
  return ['usage: npx vitest bench [track…] [-t phase] -- [flags]', ...sections].join('\n\n')
}

function section(
  title: string,
  fields: readonly Field[],
  profiles: Readonly<Record<string, object | undefined>>,
): string {
  const lines = fields.map((field) => {
    const defaults = describeDefault(field, profiles)
    return `  --${field.flag.padEnd(17)} ${field.description}\n${' '.repeat(22)}${field.expected}${defaults && ` [default ${defaults}]`}`
  })
  return [`${title}:`, ...(lines.length ? lines : ['  no flags of its own'])].join('\n')
}

/** `1; full: 12`: the default of a field, and those of the profiles; '' where its description says what happens. */
export function describeDefault(
  { key, default: fallback }: Pick<Field, 'key' | 'default'>,
  profiles: Readonly<Record<string, object | undefined>>,
): string {
  const own = Object.entries(profiles).flatMap(([profile, values]) => {
    const value = (values as Record<string, unknown> | undefined)?.[key]
    return value === undefined ? [] : [`${profile}: ${show(value)}`]
  })
  return [...(fallback === undefined ? [] : [show(fallback)]), ...own].join('; ')
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(',') || 'none'
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([k, v]) => `${k}=${v}`)
      .join(',')
  return value === '' ? 'none' : String(value)
}
