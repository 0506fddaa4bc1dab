import { readText } from '../../src/system/proc.ts'
import type { Machine } from '../../src/row/schema.ts'

export interface Results {
  machine: Machine
  comparisons: string[]
  commands: string[]
  growths: string[][]
}

const INTRODUCTION = `# Performance

What the harness itself costs, compared with what a user would use instead. Made by \`npm run bench:self\`; by hand it is
not edited. Both sides run in turns on one machine, A B B A, after a round that is not counted; the table shows the
median of each, and the median of the ratios (or differences) pair by pair, which is what a target is judged by:
what slows the machine down strikes both of a pair. Times are of whole processes unless a call is named.

\`npm run bench:self -- --only NAME\` runs one of them, \`--quick\` fewer and smaller ones, which are not to be quoted.
\`--torch-python PYTHON\` names a Python with torch and onnxscript: they are some gigabytes, so nothing installs them.`

/** The document of one full run. */
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
    'Each size ten times the one before. The power of the size by which the last step grew: 1 is linear.',
    ...growths.flatMap((lines) => ['', ...lines]),
    '',
  ].join('\n')
}

/** Under `chrt` other work of the machine waits for the benchmarks: its load says little then. */
function describePriority(): string {
  // Field 41 of stat is the scheduling policy: 1 and 2 are the real-time ones. The name in brackets may hold blanks.
  const policy = readText('/proc/self/stat')?.split(') ')[1]?.split(' ')[38]
  return policy === '1' || policy === '2' ? ', of work that waits (real-time priority)' : ''
}
