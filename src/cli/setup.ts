import { defineCommand } from 'citty'
import { loadProver } from '../prover/registry.ts'

export default defineCommand({
  meta: { name: 'setup', description: "Builds or downloads a prover into the user's cache" },
  args: {
    prover: {
      type: 'positional',
      description: 'name of the prover, as in npx provemark doctor',
      required: true,
    },
  },
  async run({ args }) {
    const prover = await loadProver(args.prover, process.cwd())
    const { bin, version, sha256 } = await prover.locate({ onProgress: (line) => console.error(line) })
    console.log(`${prover.name} ${version} is ready\n  ${bin}\n  sha256 ${sha256}`)
  },
})
