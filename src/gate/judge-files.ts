import { ProvemarkError } from '../errors.ts'
import { foldFiles } from '../row/fold-files.ts'
import { DamagedLines, type RowProblem } from '../row/read.ts'
import { noRows, type RunSelection } from '../row/runs.ts'
import { readBaseline, refuseTwice } from './baseline.ts'
import type { Budget, GateRules } from './options.ts'
import { judge, type JudgeInput } from './judge.ts'
import type { Series } from '../row/series.ts'
import type { GateReport } from './verdict.ts'

interface FileSources {
  /** Results files, each with the run to judge. */
  files: readonly string[]
  run: RunSelection
  baseline: string | undefined
  budgets: readonly Budget[]
  rules: GateRules
  /** Folder that paths are relative to. */
  root: string
  /** Prints the lines that are not rows. */
  show: (line: string) => void
}

interface Judgement {
  report: GateReport
  now: Series[]
}

/**
 * Judges finished files. A results file with damaged lines is judged by its good rows, but never passes.
 * @throws ProvemarkError NO_ROWS, BASELINE_MISSING or CONFIG_INVALID if nothing can be judged, ROWS_UNREADABLE and
 * ROWS_CONFLICT for a damaged baseline and for results with both sides of a merge
 */
export async function judgeFiles(sources: FileSources): Promise<Judgement> {
  const { files, run, baseline, budgets, rules, root, show } = sources
  // One at a time: a large file uses all cores.
  const read: Series[][] = []
  const damaged = new DamagedLines(show)
  for (const file of files) read.push(await readSeries(file, run, damaged.onProblem))
  if (damaged.hasMarkers) throw damaged.refuse('the results hold both sides of a merge')
  const now = read.flat()
  const empty = files.filter((_, i) => !read[i]!.length)
  // A named run need not have rows in every file.
  const isLost = empty.length > 0 && typeof run === 'string' && !rules.allow_missing
  if (!now.length || isLost) throw noRows(empty, run)
  const exceptRuns = new Set(now.map((series) => series.run))
  const base =
    baseline === undefined
      ? { base: null }
      : await orNone(readBaseline({ baseline, root, exceptRuns, files }), rules)
  return { report: withDamage(judge({ now, ...base, budgets, rules }), damaged), now }
}

/**
 * Series of the selected runs of a results file.
 * @throws ProvemarkError ROWS_UNREADABLE, ROWS_CONFLICT
 */
export async function readSeries(
  file: string,
  run: RunSelection,
  onProblem: (problem: RowProblem) => void,
): Promise<Series[]> {
  const { series } = await foldFiles([file], { run, onProblem, pool: 'variants' })
  const twice = series.filter(({ iterations }) => iterations.isSummarizedTwice)
  // Baseline rows with both sides of a merge.
  if (twice.length) throw refuseTwice(file, twice)
  return series
}

/** Results with damaged lines do not pass: the slowest iteration may be among them. */
export function withDamage(report: GateReport, damaged: DamagedLines): GateReport {
  const note = damaged.describe()
  return note ? { ...report, exit_code: report.exit_code || 2, notes: [...report.notes, note] } : report
}

/** The baseline, or why there is none if a first run may do without. */
export async function orNone(
  reading: Promise<Series[]>,
  { allow_missing }: GateRules,
): Promise<Pick<JudgeInput, 'base' | 'absence'>> {
  try {
    return { base: await reading }
  } catch (error) {
    if (allow_missing && error instanceof ProvemarkError && error.code === 'BASELINE_MISSING')
      return { base: null, absence: error.message }
    throw error
  }
}
