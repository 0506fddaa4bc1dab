import { z } from 'zod'
import { alternatives, type JsonSchema } from '../../src/config/fields.ts'
import { PROFILES, runSchema } from '../../src/plan/options.ts'
import { gateSchema } from '../../src/gate/options.ts'
import { describeDefault } from '../../src/config/flags.ts'
import type { TrackDefinition } from '../../src/track/define.ts'
import { TRACKS } from './tracks.ts'

type Profiles = Readonly<Record<string, object | undefined>>

/** Types of the config for editors: what zod infers has the same types, but no documentation. */
export function renderConfigTypes(): string {
  const interfaces = [
    render('RunConfig', 'Options of every run.', runSchema, PROFILES),
    render('GateConfig', 'Section `gate`.', gateSchema, {}),
    ...TRACKS.filter(hasParams).map((track) =>
      render(nameType(track), `Section \`tracks.${track.name}\`.`, track.params, track.profiles ?? {}),
    ),
    renderSections(),
  ]
  return `// Made by scripts/generate-docs.ts from the schemas of the config: change those.\n\n${interfaces.join('\n')}`
}

const hasParams = ({ params }: TrackDefinition) => Object.keys(params.shape).length > 0

const nameType = ({ name }: TrackDefinition) => `${name[0]!.toUpperCase()}${name.slice(1)}Config`

function renderSections(): string {
  const sections = TRACKS.map(
    (track) => `  ${track.name}?: ${hasParams(track) ? nameType(track) : 'Record<string, never>'}\n`,
  )
  return `/**
 * The config sections of the tracks. Add a section for your own track by declaration merging: \`declare module
 * 'provemark/plugin' { interface TrackSections { mine?: { width?: number } } }\`.
 */
export interface TrackSections {
${sections.join('')}}

/**
 * The argument of \`provemark({…})\`: options of the run, options of the gate, and a section of parameters for each
 * track.
 */
export type ProvemarkConfig = RunConfig & {
  gate?: GateConfig
  tracks?: TrackSections & Record<string, object | undefined>
}
`
}

function render(name: string, doc: string, schema: z.ZodObject, profiles: Profiles): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return `/** ${doc} */\nexport type ${name} = ${renderObject(json, profiles, '')}\n`
}

function renderObject(
  { properties = {}, required = [] }: JsonSchema,
  profiles: Profiles,
  indent: string,
): string {
  const lines = Object.entries(properties).flatMap(([key, property]) => {
    const json = property as JsonSchema
    const fallback = describeDefault({ key, default: json.default }, profiles)
    const doc = `${json.description ?? ''}${fallback && `; default: ${fallback}`}`
    const isRequired = required.includes(key)
    const type = typeOf(json, `${indent}  `)
    return [
      `${indent}  /** ${doc} */`,
      `${indent}  ${key}${isRequired ? '' : '?'}: ${type}${isRequired ? '' : ' | undefined'}`,
    ]
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}

function typeOf(json: JsonSchema, indent: string): string {
  return [...new Set(alternatives(json).map((form) => typeOfOne(form, indent)))].join(' | ')
}

function typeOfOne(json: JsonSchema, indent: string): string {
  const { type, enum: words, items, properties, propertyNames, additionalProperties } = json
  if (words) return words.map((word) => `'${String(word)}'`).join(' | ')
  if (type === 'integer') return 'number'
  if (type === 'array') {
    const item = typeOf(items as JsonSchema, indent)
    return /[|{]/.test(item) ? `(${item})[]` : `${item}[]`
  }
  if (properties) return renderObject(json, {}, indent)
  if (type === 'object') {
    const names = typeOf(propertyNames as JsonSchema, indent)
    if (names === 'string') return `Record<string, ${typeOf(additionalProperties as JsonSchema, indent)}>`
    return `{ [key in ${names}]?: ${typeOf(additionalProperties as JsonSchema, indent)} }`
  }
  return String(type)
}
