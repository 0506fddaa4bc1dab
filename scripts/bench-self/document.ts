import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../../src/row/schema.ts'
import { readText } from '../../src/system/proc.ts'
import { COMPARISON_HEAD } from './render.ts'

/** What one benchmark printed when it was last run in full. */
export interface Result {
  /** Machine, date and commit, as a sentence. */
  measured: string
  /** Lines of the table, or of the series' own section. */
  lines: string[]
  /** Lines of the list of commands; none for a series. */
  commands: string[]
}

/** By name, in the order of the page. */
export type Results = Record<string, Result>

/** The page is written from this file, so that one benchmark can be run again alone. */
const FILE = join(import.meta.dirname, 'results.json')

const INTRODUCTION = `# Performance

What the harness and its embedded prover cost, compared with what a user would use instead. \`npm run bench:self\` writes
this page; do not edit it by hand. Both sides run alternately on one machine (A B B A) after one round that is not
counted. The table shows the median of each side and the median of the pairwise ratios (or differences), or the upper
limit of the ratio where it says so. Targets are checked against that, because a slow moment of the machine affects both
runs of a pair. Times are of whole processes unless the row says "call".

\`npm run bench:self -- --only NAME\` runs one benchmark again and replaces its part of the page. \`--quick\` runs fewer and
smaller ones; do not quote its figures. \`--torch-python PYTHON\` names a Python with torch and onnxscript: they take
several gigabytes, so they are not installed automatically. \`--before PROGRAM\` names an older build of the embedded
prover (\`go build\` in src/prover/gnark of its commit).`

/** Replaces what is known of the benchmarks that were run, and writes the page again. */
export async function updatePage(page: string, fresh: Results, names: readonly string[]): Promise<void> {
  const known = { ...(JSON.parse(await readFile(FILE, 'utf8')) as Results), ...fresh }
  const results = Object.fromEntries(names.flatMap((name) => (known[name] ? [[name, known[name]]] : [])))
  await writeFile(FILE, `${JSON.stringify(results, null, 2)}\n`)
  await writeFile(page, renderPage(results))
}

function renderPage(results: Results): string {
  const entries = Object.entries(results)
  const comparisons = entries.filter(([, { commands }]) => commands.length)
  const growths = entries.filter(([, { commands }]) => !commands.length)
  const byRun = Map.groupBy(entries, ([, { measured }]) => measured)
  return [
    INTRODUCTION,
    '',
    'Measured:',
    '',
    ...[...byRun].map(([measured, own]) => `- ${own.map(([name]) => name).join(', ')}: ${measured}`),
    '',
    ...COMPARISON_HEAD,
    ...comparisons.flatMap(([, { lines }]) => lines),
    '',
    'The commands:',
    '',
    ...comparisons.flatMap(([, { commands }]) => commands),
    '',
    '## Growth',
    '',
    'Each size is ten times the one before. The exponent is that of the last step: 1 is linear growth.',
    ...growths.flatMap(([, { lines }]) => ['', ...lines]),
    '',
  ].join('\n')
}

/** Where and when a benchmark ran. */
export function describeRun({ cpu, cores, mem_mb, os, kernel, node, load, commit }: Machine, date: string) {
  const place = `${cpu}, ${cores} cores, ${Math.round((mem_mb ?? 0) / 1024)} GB, ${os}, kernel ${kernel}, Node ${node}`
  const priority = describePriority()
  return `${date}, ${place}; load ${load?.toFixed(1)} at the start${priority}; commit ${commit?.slice(0, 8)}.`
}

/** Under `chrt` the benchmarks preempt all other work, so the load says little. */
function describePriority(): string {
  // Field 41 of stat is the scheduling policy: 1 and 2 are the real-time ones. The name in brackets may contain spaces.
  const policy = readText('/proc/self/stat')?.split(') ')[1]?.split(' ')[38]
  return policy === '1' || policy === '2' ? ', with real-time priority for the benchmarks' : ''
}
