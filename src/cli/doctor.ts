import { z } from 'zod'
import { examineProver, type Examination, PROVER_NAMES, loadProver } from '../prover/registry.ts'
import { createPaint, readCardStyle } from '../render/terminal.ts'
import { COMMON, defineCommand } from './command.ts'

export default defineCommand({
  description: 'Lists the provers that are available, their versions, and how to install the others',
  operands: {
    name: 'PROVER…',
    description: 'names or module paths; default: all that come with the package',
  },
  options: z.object({ json: COMMON.json }),
  async run({ options, operands }) {
    const found: Examination[] = []
    const names = operands.length ? operands : PROVER_NAMES
    const provers = await Promise.all(names.map((name) => loadProver(name, process.cwd())))
    for (const prover of provers) found.push(await examineProver(prover))
    const paint = createPaint(readCardStyle(process.stdout))
    console.log(
      options.json
        ? JSON.stringify({ provers: found }, null, 2)
        : found.map((prover) => describe(prover, paint)).join('\n'),
    )
    if (!found.some(({ status }) => status === 'ok')) process.exitCode = 1
  },
})

const ORIGINS = { prebuilt: 'prebuilt', built: 'built here from source' }

function describe(prover: Examination, paint: ReturnType<typeof createPaint>): string {
  const { name, title } = prover
  if (prover.status === 'ok') {
    const details = [prover.variant, prover.origin && ORIGINS[prover.origin]].filter(Boolean).join(', ')
    const variant = details && ` (${details})`
    return `${paint('green', 'ok')}       ${name} ${prover.version}${variant}  ${prover.bin}`
  }
  const next = prover.hint ? `\n         next: ${prover.hint}` : ''
  return `${paint('yellow', 'missing')}  ${name}  ${title}\n         ${prover.code}: ${prover.message}${next}`
}
