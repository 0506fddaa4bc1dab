import { z } from 'zod'
import { alternatives, describeType, type JsonSchema } from '../../src/config/fields.ts'
import { PROFILES, runSchema } from '../../src/plan/options.ts'
import { gateSchema } from '../../src/gate/options.ts'
import { describeDefault } from '../../src/config/flags.ts'
import { renderTable } from './table.ts'
import { TRACKS } from './tracks.ts'

type Profiles = Readonly<Record<string, object | undefined>>

/** The keys of the config, from its schemas, down to the keys of nested values. */
export function renderConfig(): string {
  const tables = [
    table('Options of every run', runSchema, '', PROFILES),
    table('The gate', gateSchema, 'gate.', {}),
    ...TRACKS.filter(({ params }) => Object.keys(params.shape).length).map((track) =>
      table(`Track ${track.name}`, track.params, `tracks.${track.name}.`, track.profiles ?? {}),
    ),
  ]
  return `# Config

The config is the argument of the plugin, in \`vitest.bench.config.ts\` or \`vitest.config.ts\`:

\`\`\`ts
// vitest.config.ts
import { defineConfig } from 'vitest/config'
import { provemark } from 'provemark/plugin'

export default defineConfig({
  plugins: [
    provemark({
      profile: 'quick',
      iterations: { compile: 1, prove: 5 },
      provers: ['gnark'],
      tracks: { depth: { depth_max: 4 } },
      gate: { baseline: 'bench/baseline.jsonl', budgets: [{ metric: 'ecc.totalCost', max: '0%' }] },
    }),
  ],
})
\`\`\`

Every key is also a flag ([flags.md](flags.md)). If a key is wrong, the run ends before anything is started, and the
message names the path, what was expected, what was given, and the nearest name that exists. \`lenet\` has no keys of
its own. Generated from the schemas in src/plan, src/gate and src/track.

${tables.join('\n')}`
}

function table(title: string, schema: z.ZodObject, prefix: string, profiles: Profiles): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const rows = listKeys(json, prefix, profiles)
  return `## ${title}\n\n${renderTable(['key', 'takes', 'default', 'meaning'], rows)}`
}

function listKeys({ properties = {} }: JsonSchema, prefix: string, profiles: Profiles): string[][] {
  return Object.entries(properties).flatMap(([key, property]) => {
    const json = property as JsonSchema
    const field = { key, default: json.default }
    const own = [
      `\`${prefix}${key}\``,
      describeType(json),
      describeDefault(field, profiles),
      json.description ?? '',
    ]
    const nested = alternatives(json).flatMap((form) => [
      ...(form.properties ? listKeys(form, `${prefix}${key}.`, {}) : []),
      ...(form.items ? listItemKeys(form.items as JsonSchema, `${prefix}${key}[].`) : []),
    ])
    return [own, ...nested]
  })
}

function listItemKeys(items: JsonSchema, prefix: string): string[][] {
  return alternatives(items).flatMap((form) => (form.properties ? listKeys(form, prefix, {}) : []))
}
