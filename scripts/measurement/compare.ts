/**
 * Measures the same commands with provemark and with the tools that a user would take else, and writes the tables of
 * docs/measurement.md. Needs GNU time, hyperfine and Python: `apt-get install time hyperfine python3-venv`.
 *
 *     node scripts/measurement/compare.ts [RUNS]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from 'simple-statistics'
import { readMachine } from '../../src/system/machine.ts'
import { listSubjects, type Subject } from './commands.ts'
import { compareSamplers } from './sampler-cost.ts'
import { TOOLS, type Figures } from './tools.ts'

const DOCUMENT = join(import.meta.dirname, '../../docs/measurement.md')
const BEGIN = '<!-- made by scripts/measurement/compare.ts -->'
const END = '<!-- end -->'
const TOLERANCE = 0.02

const { cpu, cores, os, kernel, load } = await readMachine()
const runs = Number(process.argv[2] ?? 20)
const subjects = await listSubjects()
/** Figures by subject and tool, one per run. */
const figures = new Map<Subject, Figures[][]>()
for (const subject of subjects) {
  const byTool: Figures[][] = TOOLS.map(() => [])
  // Alternating, so that a busy moment of the machine affects all tools alike.
  for (let run = 0; run < runs; run++) {
    for (const [i, tool] of TOOLS.entries()) byTool[i]!.push(await tool.run(subject.command))
  }
  figures.set(subject, byTool)
  console.log(`${subject.what}: ${byTool.map((all) => formatMedian(all, 'mem_mb', 1)).join(', ')} MB`)
}

const sampler = await compareSamplers()
const text = [
  BEGIN,
  `${runs} runs each, the tools in turns; medians. ${cpu}, ${cores} cores, ${os}, Linux ${kernel}, load ${load?.toFixed(1)}.`,
  '',
  'Wall clock, s (GNU time has two decimals):',
  '',
  table('time_s', 4),
  '',
  'CPU time of all processes, s:',
  '',
  table('cpu_s', 4),
  '',
  'Peak memory, MB; in brackets in how many runs a peak of known size was seen within 2 %:',
  '',
  table('mem_mb', 1),
  '',
  ...sampler,
  END,
].join('\n')

const [above, rest] = readFileSync(DOCUMENT, 'utf8').split(BEGIN)
writeFileSync(DOCUMENT, above + text + rest!.split(END)[1])

function table(field: keyof Figures, digits: number): string {
  const head = ['command', ...TOOLS.map(({ name }) => name)]
  const rows = subjects.map((subject) => [
    subject.what,
    ...figures
      .get(subject)!
      .map((all) => formatMedian(all, field, digits) + (field === 'mem_mb' ? countSeen(all, subject) : '')),
  ])
  const rule = head.map((_, i) => (i ? '---:' : '---'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function formatMedian(all: readonly Figures[], field: keyof Figures, digits: number): string {
  const values = all.flatMap((one) => one[field] ?? [])
  return values.length ? median(values).toFixed(digits) : '—'
}

/** In addition to what it holds, a process takes a few MB itself. */
function countSeen(all: readonly Figures[], { holdsMb }: Subject): string {
  const values = all.flatMap(({ mem_mb }) => mem_mb ?? [])
  if (!holdsMb || !values.length) return ''
  const seen = values.filter((mb) => mb >= holdsMb * (1 - TOLERANCE)).length
  return ` (${seen} of ${values.length})`
}
