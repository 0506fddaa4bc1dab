import { fieldsOf, type Field } from '../../src/config/fields.ts'
import { commandSchema, describeDefault } from '../../src/config/flags.ts'
import { PROFILES, runSchema } from '../../src/plan/options.ts'
import { gateSchema } from '../../src/gate/options.ts'
import { renderTable } from './table.ts'
import { TRACKS } from './tracks.ts'

type Profiles = Readonly<Record<string, object | undefined>>

/** The flags of a run, from the schemas of the config. */
export function renderFlags(): string {
  const sections = [
    section('Every run', 'Config keys of the same name, with underscores.', fieldsOf(runSchema), PROFILES),
    section('Command line only', 'Not in the config.', fieldsOf(commandSchema), {}),
    section('The gate', 'Config keys below `gate`.', fieldsOf(gateSchema), {}),
    ...TRACKS.map((track) =>
      section(
        `Track ${track.name}`,
        `Config keys below \`tracks.${track.name}\`.`,
        fieldsOf(track.params),
        track.profiles ?? {},
      ),
    ),
  ]
  return `# Flags

\`npx vitest bench [track…] [-t phase] -- [flags]\`: Vitest's own flags come before the \`--\`, provemark's after it.
Each flag is also an environment variable. Flags override the environment, the environment overrides the config, and the
config overrides the profile. \`--no-NAME\` turns a switch off. A flag that does not exist, or that belongs to a track that
is not selected, ends the run before anything is started. \`npx vitest bench -- --help\` prints the same lists, including
the flags of your own tracks. Generated from the schemas in src/plan, src/config, src/gate and src/track.

${sections.join('\n')}`
}

function section(title: string, intro: string, fields: readonly Field[], profiles: Profiles): string {
  if (!fields.length) return `## ${title}\n\nNo flags of its own.\n`
  const rows = fields.map((field) => [
    `\`--${field.flag}\``,
    `\`${field.env}\``,
    field.expected,
    describeDefault(field, profiles),
    field.description,
  ])
  return `## ${title}\n\n${intro}\n\n${renderTable(['flag', 'variable', 'takes', 'default', 'meaning'], rows)}`
}
