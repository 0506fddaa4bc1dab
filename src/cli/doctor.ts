import { defineCommand } from 'citty'
import { createPaint } from '../../reporters/card.ts'
import { readCardStyle } from '../../reporters/terminal.ts'
import { examineProver, type Examination } from '../prover/examine.ts'
import { loadProver, PROVER_NAMES } from '../prover/registry.ts'

export default defineCommand({
  meta: {
    name: 'doctor',
    description: 'Which provers are there, their versions, and the command that mends what is missing',
  },
  args: {
    provers: {
      type: 'positional',
      description: 'names or module paths; default: all that come with the package',
      required: false,
    },
    json: { type: 'boolean', description: 'print what was found as JSON' },
  },
  async run({ args }) {
    const found: Examination[] = []
    const names = args._.length ? args._ : PROVER_NAMES
    const provers = await Promise.all(names.map((name) => loadProver(name, process.cwd())))
    for (const prover of provers) found.push(await examineProver(prover))
    const paint = createPaint(readCardStyle(process.stdout))
    console.log(
      args.json
        ? JSON.stringify({ provers: found }, null, 2)
        : found.map((prover) => describe(prover, paint)).join('\n'),
    )
    if (!found.some(({ status }) => status === 'ok')) process.exitCode = 1
  },
})

function describe(prover: Examination, paint: ReturnType<typeof createPaint>): string {
  const { name, title } = prover
  if (prover.status === 'ok') {
    const variant = prover.variant ? ` (${prover.variant})` : ''
    return `${paint('green', 'ok')}       ${name} ${prover.version}${variant}  ${prover.bin}`
  }
  const next = prover.hint ? `\n         next: ${prover.hint}` : ''
  return `${paint('yellow', 'missing')}  ${name}  ${title}\n         ${prover.code}: ${prover.message}${next}`
}
