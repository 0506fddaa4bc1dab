/**
 * `npm run test:long`: the promises of docs/reliability.md with their full counts; `npm test` runs a small part of
 * each. `npm run test:long -- WORD…` runs the steps that hold a word. The log goes into the document.
 */
import { countVitest, type Count } from './test/count.ts'
import { runStep } from './test/run-step.ts'
import { VITEST_REPORT } from './test/steps.ts'
import { renderTable } from './docs/table.ts'
import { describeOccasion, writeBlock } from './reliability/block.ts'
import { LONG_STEPS, type LongStep } from './reliability/long-steps.ts'
import { tryFullDisk } from './reliability/full-disk.ts'

interface LongResult extends Count {
  what: string
  minutes: number
}

const ALL_CONFIG = ['--config', 'scripts/test/vitest.all.config.ts', '--root', '.']

const words = process.argv.slice(2)
const isWanted = (what: string) => !words.length || words.some((word) => what.includes(word))

async function runLongStep({ what, files, pattern, env }: LongStep): Promise<LongResult> {
  console.log(`\n> ${what}`)
  const filter = pattern ? ['-t', pattern] : []
  const args = [
    'run',
    ...files,
    ...(files.some((file) => file.endsWith('.all.test.ts')) ? ALL_CONFIG : []),
    ...filter,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${VITEST_REPORT}`,
  ]
  const result = await runStep({ name: what, command: 'vitest', args, counts: 'vitest', env })
  return { what, minutes: result.durationMs / 60_000, ...(await countVitest(result)) }
}

const results: LongResult[] = []
for (const step of LONG_STEPS) if (isWanted(step.what)) results.push(await runLongStep(step))
const disk =
  'a disk that fills up, for rows and for artifacts: no row lost, the run continues when there is room'
if (isWanted(disk)) results.push({ what: disk, ...(await tryFullDisk()) })

const rows = results.map(({ what, passed, failed, minutes }) => [
  what,
  failed ? `**${failed} failed**` : `${passed} passed`,
  minutes.toFixed(1),
])
const text = `${await describeOccasion()}\n\n${renderTable(['what', 'tests', 'minutes'], rows)}`.trimEnd()
console.log(`\n${text}`)
if (!words.length) writeBlock('test:long', text)
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0
