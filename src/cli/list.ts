import { z } from 'zod'
import { COMMON, defineCommand } from './command.ts'
import { runVitest } from './run-vitest.ts'

export default defineCommand({
  description: 'Lists the tracks and points of the config: npx provemark list [track…] [-- flags]',
  operands: { name: 'TRACK…', description: "Vitest's own filters of bench files" },
  rest: { name: 'FLAGS…', description: 'flags of a run' },
  options: z.object({ config: COMMON.config }),
  // Only Vitest can read its config, so a dry run lists what a run would do. Before a project's first run there is no
  // baseline yet.
  async run({ options: { config }, operands, rest }) {
    const own = config === undefined ? [] : ['--config', config]
    const args = ['bench', ...operands, ...own, '--', ...rest, '--dry-run', '--allow-missing']
    process.exitCode = await runVitest(args)
  },
})
