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
    section(
      'Every run',
      'These are also config keys, with underscores instead of dashes.',
      fieldsOf(runSchema),
      PROFILES,
    ),
    section('Command line only', 'These cannot be set in the config.', fieldsOf(commandSchema), {}),
    section('The gate', 'These are also config keys below `gate`.', fieldsOf(gateSchema), {}),
    ...TRACKS.map((track) =>
      section(
        `Track ${track.name}`,
        `These are also config keys below \`tracks.${track.name}\`.`,
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
the flags of your own tracks. \`npx provemark --help\` lists the subcommands, and \`npx provemark COMMAND --help\` the flags
of one. Generated from the schemas in src/plan, src/config, src/gate and src/track.

${sections.join('\n')}`
}

function section(title: string, intro: string, fields: readonly Field[], profiles: Profiles): string {
  if (!fields.length) return `## ${title}\n\nThis track has no flags.\n`
  const rows = fields.map((field) => [
    `\`--${field.flag}\``,
    `\`${field.env}\``,
    field.expected,
    describeDefault(field, profiles),
    field.description,
  ])
  return `## ${title}\n\n${intro}\n\n${renderTable(['flag', 'variable', 'takes', 'default', 'meaning'], rows)}`
}
