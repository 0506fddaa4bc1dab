import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { LOOKS } from '../gate/noisy.ts'
import { reportSchema, type GateReport } from '../gate/verdict.ts'
import { formatRow } from '../row/write.ts'
import { readRows } from '../row/read.ts'
import { COMPARE_RESULTS } from '../run/resolve-run.ts'
import { runVitest } from './run-vitest.ts'

const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds of `90s`, `10m` or `1h`.
 * @throws ProvemarkError CONFIG_INVALID
 */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? []
  if (!digits || !unit || !Number(digits)) {
    throw new ProvemarkError('CONFIG_INVALID', `--until-decided ${text}: expected a duration such as 10m`, {
      hint: 'a number with s, m or h: 90s, 10m, 1h',
    })
  }
  return Number(digits) * UNITS_MS[unit]!
}

interface Rounds {
  /** Arguments of the run in front of and behind `--`, without its iterations. */
  tracks: readonly string[]
  flags: readonly string[]
  limitMs: number
  /** Folder for files of the rounds. */
  dir: string
  /** Sends Vitest's output to standard error. */
  quiet: boolean
}

/**
 * Runs a comparison in rounds until every budget is decided, the planned looks are used up, or the next round would take
 * longer than is left. Each round is a Vitest run of its own that judges all pairs so far, with its share of the error
 * rates. The rows of all rounds become one run in the results file.
 */
export async function runUntilDecided({ tracks, flags, limitMs, dir, quiet }: Rounds) {
  const startMs = performance.now()
  const run = randomUUID()
  const results = valueOf(flags, 'results') ?? COMPARE_RESULTS
  const all = join(dir, 'rows.jsonl')
  appendFileSync(all, '')
  let [pairs, exitCode] = [0, 2]
  let report: GateReport | undefined
  for (const [index, look] of LOOKS.entries()) {
    const elapsedMs = performance.now() - startMs
    const left = pairs ? Math.floor(((limitMs - elapsedMs) * pairs) / elapsedMs) : Infinity
    const more = Math.min(look - pairs, left)
    if (more < 1) break
    console.error(`round ${index + 1} of at most ${LOOKS.length}: ${more} pairs more`)
    const [rows, json] = [join(dir, `round-${index}.jsonl`), join(dir, `report-${index}.json`)]
    const own = ['--iterations', String(more), '--results', rows, '--continues', all, '--gate-json', json]
    exitCode = await runVitest(['bench', ...tracks, '--', ...flags, ...own], { quiet })
    if (!existsSync(json)) return { exitCode, report: undefined }
    await addRound(rows, { run, pairs, files: [all, results] })
    pairs += more
    report = reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')))
    const isOpen = report.checks.some(({ verdict, limit }) => verdict === 'inconclusive' && limit !== null)
    if (!isOpen || report.checks.some(({ verdict }) => verdict === 'failed')) break
  }
  return { exitCode, report }
}

/** Adds the rows of a round to files as later iterations of one run. */
async function addRound(
  rows: string,
  { run, pairs, files }: { run: string; pairs: number; files: string[] },
) {
  let text = ''
  for await (const row of readRows(rows, { onProblem: () => {} })) {
    text += formatRow({ ...row, run_id: run, ...(row.iteration ? { iteration: pairs + row.iteration } : {}) })
  }
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    appendFileSync(file, text)
  }
}

/** The value of a flag given as `--name value` or `--name=value`. */
function valueOf(flags: readonly string[], name: string): string | undefined {
  const index = flags.findIndex((flag) => flag === `--${name}` || flag.startsWith(`--${name}=`))
  if (index < 0) return undefined
  const [, ...value] = flags[index]!.split('=')
  return value.length ? value.join('=') : flags[index + 1]
}
