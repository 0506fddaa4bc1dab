import { z } from 'zod'
import { loadProver } from '../prover/registry.ts'
import { defineCommand } from './command.ts'

export default defineCommand({
  description: "Builds or downloads a prover into the user's cache",
  operands: { name: 'PROVER', description: 'name of the prover, as in npx provemark doctor', required: true },
  options: z.object({}),
  async run({ operands: [name] }) {
    const prover = await loadProver(name!, process.cwd())
    const { bin, version, sha256 } = await prover.locate({ onProgress: (line) => console.error(line) })
    console.log(`${prover.name} ${version} is ready\n  ${bin}\n  sha256 ${sha256}`)
  },
})
