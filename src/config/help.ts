import { gateSchema } from '../gate/options.ts'
import { PROFILES, runSchema } from '../plan/options.ts'
import type { TrackDefinition } from '../track/define.ts'
import { commandSchema } from './command-options.ts'
import { fieldsOf, type Field } from './fields.ts'

type Profiles = Readonly<Record<string, object | undefined>>

/** The flags of a schema under a title, each with its meaning, its values and its default in each profile. */
export function renderFields(title: string, fields: readonly Field[], profiles: Profiles = {}): string {
  const lines = fields.map((field) => {
    const defaults = describeDefault(field, profiles)
    const name = field.short ? `--${field.flag}, -${field.short}` : `--${field.flag}`
    return `  ${name.padEnd(19)} ${field.description}\n${' '.repeat(22)}${field.expected}${defaults && ` [default ${defaults}]`}`
  })
  return [title, ...(lines.length ? lines : ['  no flags of its own'])].join('\n')
}

/** `1; full: 12`: the default of a field and of the profiles; '' if the description already states it. */
export function describeDefault(
  { key, default: fallback }: Pick<Field, 'key' | 'default'>,
  profiles: Profiles,
): string {
  const own = Object.entries(profiles).flatMap(([profile, values]) => {
    const value = (values as Record<string, unknown> | undefined)?.[key]
    return value === undefined ? [] : [`${profile}: ${show(value)}`]
  })
  return [...(fallback === undefined ? [] : [show(fallback)]), ...own].join('; ')
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(',') || 'none'
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([k, v]) => `${k}=${v}`)
    return pairs.join(',') || 'none'
  }
  return value === '' ? 'none' : String(value)
}

/** The flags of a run and of every track. */
export function renderHelp(tracks: readonly TrackDefinition[]): string {
  const sections = [
    renderFields('every run:', [...fieldsOf(runSchema), ...fieldsOf(commandSchema)], PROFILES),
    renderFields('gate:', fieldsOf(gateSchema)),
    ...tracks.map(({ name, params, profiles }) =>
      renderFields(`track ${name}:`, fieldsOf(params), profiles ?? {}),
    ),
  ]
  return ['usage: npx vitest bench [track…] [-t phase] -- [flags]', ...sections].join('\n\n')
}
