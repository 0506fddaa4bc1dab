import { readText } from '../../src/system/proc.ts'
import type { Machine } from '../../src/row/schema.ts'

export interface Results {
  machine: Machine
  comparisons: string[]
  commands: string[]
  growths: string[][]
}

const INTRODUCTION = `# Performance

What the harness and its embedded prover cost, compared with what a user would use instead. \`npm run bench:self\` writes this page; do
not edit it by hand. Both sides run alternately on one machine (A B B A) after one round that is not counted. The table
shows the median of each side and the median of the pairwise ratios (or differences). Targets are checked against the
latter, because a slow moment of the machine affects both runs of a pair. Times are of whole processes unless the row
says "call".

\`npm run bench:self -- --only NAME\` runs one benchmark. \`--quick\` runs fewer and smaller ones; do not quote its figures.
\`--torch-python PYTHON\` names a Python with torch and onnxscript: they take several gigabytes, so they are not installed
automatically. \`--before PROGRAM\` names an older build of the embedded prover (\`go build\` in src/prover/gnark of its
commit).`

/** The page for one full run. */
export function renderDocument(
  { machine, comparisons, commands, growths }: Results,
  dateText: string,
): string {
  const { cpu, cores, mem_mb, os, kernel, node, load, commit } = machine
  const place = `${cpu}, ${cores} cores, ${Math.round((mem_mb ?? 0) / 1024)} GB, ${os}, kernel ${kernel}, Node ${node}`
  return [
    INTRODUCTION,
    '',
    `Measured on ${dateText}: ${place}; load ${load?.toFixed(1)} at the start${describePriority()}; commit ${commit?.slice(0, 8)}.`,
    '',
    ...comparisons,
    '',
    'The commands:',
    '',
    ...commands,
    '',
    '## Growth',
    '',
    'Each size is ten times the one before. The exponent is that of the last step: 1 is linear growth.',
    ...growths.flatMap((lines) => ['', ...lines]),
    '',
  ].join('\n')
}

/** Under `chrt` the benchmarks preempt all other work, so the load says little. */
function describePriority(): string {
  // Field 41 of stat is the scheduling policy: 1 and 2 are the real-time ones. The name in brackets may contain spaces.
  const policy = readText('/proc/self/stat')?.split(') ')[1]?.split(' ')[38]
  return policy === '1' || policy === '2' ? ', with real-time priority for the benchmarks' : ''
}
