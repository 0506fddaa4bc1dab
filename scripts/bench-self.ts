/**
 * Benchmarks of provemark itself:
 * npm run bench:self [-- --only NAME] [--quick] [--torch-python PYTHON] [--before PROGRAM]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readMachine } from '../src/system/machine.ts'
import { measureGrowth, type Context } from './bench-self/benchmark.ts'
import { describeRun, type Results, updatePage } from './bench-self/document.ts'
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
const measured = describeRun(await readMachine(ROOT), new Date().toISOString().slice(0, 10))
const results: Results = {}
console.log(COMPARISON_HEAD.join('\n'))

for (const benchmark of BENCHMARKS.filter(isWanted)) {
  await inFolder(async (context) => {
    const missing = benchmark.findMissing?.(context)
    if (missing) return console.log(renderMissing(benchmark, missing))
    const found = await benchmark.run(context)
    const lines = found.map((comparison) => renderComparison(benchmark, comparison))
    console.log(lines.join('\n'))
    const commands = found.map((comparison) => renderCommands(benchmark, comparison))
    results[benchmark.name] = { measured, lines, commands }
  })
}
for (const growth of GROWTHS.filter(isWanted)) {
  await inFolder(async (context) => {
    const lines = renderGrowth(growth, await measureGrowth(growth, context))
    console.log(`\n${lines.join('\n')}`)
    results[growth.name] = { measured, lines, commands: [] }
  })
}

// Figures of small sizes are not worth keeping.
if (!values.quick) {
  await updatePage(DOCUMENT, results, names)
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
