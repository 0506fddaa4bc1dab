import { defineCommand } from 'citty'
import { execa } from 'execa'

export default defineCommand({
  meta: {
    name: 'list',
    description: 'Tracks and points of the config: npx provemark list [track…] [-- flags]',
  },
  args: {
    config: {
      type: 'string',
      description: "Vitest's config, where it has a name that Vitest does not look for",
    },
  },
  // The config is Vitest's, so Vitest reads it: a dry run lists what a run would do. Before the first run of a project
  // there is no baseline yet.
  async run({ rawArgs }) {
    const dashes = rawArgs.indexOf('--')
    const filters = dashes < 0 ? rawArgs : rawArgs.slice(0, dashes)
    const flags = dashes < 0 ? [] : rawArgs.slice(dashes + 1)
    const args = ['bench', ...filters, '--', ...flags, '--dry-run', '--allow-missing']
    const { exitCode } = await execa('vitest', args, {
      stdio: 'inherit',
      preferLocal: true,
      reject: false,
    })
    process.exitCode = exitCode ?? 2
  },
})
