import { defineCommand } from 'citty'
import { execa } from 'execa'

export default defineCommand({
  meta: {
    name: 'list',
    description: 'Tracks and points of the config: npx provemark list [track…] [-- flags]',
  },
  // The config is Vitest's, so Vitest reads it: a dry run lists what a run would do.
  async run({ rawArgs }) {
    const dashes = rawArgs.indexOf('--')
    const filters = dashes < 0 ? rawArgs : rawArgs.slice(0, dashes)
    const flags = dashes < 0 ? [] : rawArgs.slice(dashes + 1)
    const { exitCode } = await execa('vitest', ['bench', ...filters, '--', ...flags, '--dry-run'], {
      stdio: 'inherit',
      preferLocal: true,
      reject: false,
    })
    process.exitCode = exitCode ?? 2
  },
})
