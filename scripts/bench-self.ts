/** `npm run bench:self [-- --only NAME] [--quick] [--torch-python PYTHON] [--before PROGRAM]`: benchmarks of provemark itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readMachine } from '../src/system/machine.ts'
import { measureGrowth, type Context } from './bench-self/benchmark.ts'
import { renderDocument } from './bench-self/document.ts'
import { BENCHMARKS, GROWTHS } from './bench-self/list.ts'
import {
  COMPARISON_HEAD,
  renderCommands,
  renderComparison,
  renderGrowth,
  renderMissing,
} from './bench-self/render.ts'
import { locateJudgePython, prepareJudges } from './judges/venv.ts'

const ROOT = join(import.meta.dirname, '..')
const DOCUMENT = join(ROOT, 'docs/performance.md')

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    'torch-python': { type: 'string' },
    before: { type: 'string' },
  },
})
const names = [...BENCHMARKS, ...GROWTHS].map(({ name }) => name)
const unknown = values.only?.find((name) => !names.includes(name))
if (unknown) throw new Error(`--only ${unknown}: there are ${names.join(', ')}`)
const isWanted = ({ name }: { name: string }) => values.only?.includes(name) ?? true

await prepareJudges(console.log)
const machine = await readMachine(ROOT)
const results = {
  machine,
  comparisons: [...COMPARISON_HEAD],
  commands: [] as string[],
  growths: [] as string[][],
}
console.log(results.comparisons.join('\n'))

for (const benchmark of BENCHMARKS.filter(isWanted)) {
  await inFolder(async (context) => {
    const missing = benchmark.findMissing?.(context)
    const found = missing ? [] : await benchmark.run(context)
    const lines = missing
      ? [renderMissing(benchmark, missing)]
      : found.map((comparison) => renderComparison(benchmark, comparison))
    console.log(lines.join('\n'))
    results.comparisons.push(...lines)
    results.commands.push(...found.map((comparison) => renderCommands(benchmark, comparison)))
  })
}
for (const growth of GROWTHS.filter(isWanted)) {
  await inFolder(async (context) => {
    const lines = renderGrowth(growth, await measureGrowth(growth, context))
    console.log(`\n${lines.join('\n')}`)
    results.growths.push(lines)
  })
}

// Figures of a part, or of small sizes, are not worth keeping.
if (!values.only && !values.quick) {
  await writeFile(DOCUMENT, renderDocument(results, new Date().toISOString().slice(0, 10)))
  console.log(`\nwritten to ${DOCUMENT}`)
}

async function inFolder(use: (context: Context) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'provemark-bench-self-'))
  try {
    const { quick, before, 'torch-python': torchPython } = values
    await use({ root: ROOT, dir, quick, python: locateJudgePython(), torchPython, before })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
