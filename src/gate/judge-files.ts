import { ProvemarkError } from '../errors.ts'
import type { RowProblem } from '../row/jsonl.ts'
import type { RunSelection } from '../row/runs.ts'
import type { Budget } from './budget.ts'
import { type GateRules, judge } from './judge.ts'
import { readSeries } from './read.ts'
import { readBaseline } from './read-baseline.ts'
import type { Series } from './series.ts'
import type { GateReport } from './verdict.ts'

export interface FileSources {
  /** Results files, each with the run to judge. */
  files: readonly string[]
  run: RunSelection
  baseline: string | undefined
  budgets: readonly Budget[]
  rules: GateRules
  seed: number
  /** Folder that paths start from. */
  root: string
  onProblem: (problem: RowProblem) => void
}

export interface Judgement {
  report: GateReport
  now: Series[]
}

/**
 * Judges finished files.
 * @throws ProvemarkError NO_ROWS, BASELINE_MISSING or CONFIG_INVALID where nothing can be judged
 */
export async function judgeFiles(sources: FileSources): Promise<Judgement> {
  const { files, run, baseline, budgets, rules, seed, root, onProblem } = sources
  // One after the other: a large one has all cores to itself.
  const read: Series[][] = []
  for (const file of files) read.push(await readSeries(file, run, onProblem))
  const now = read.flat()
  const empty = files.filter((_, i) => !read[i]!.length)
  // Of a run that is named not every file need have a part.
  const isLost = empty.length > 0 && typeof run === 'string' && !rules.allow_missing
  if (!now.length || isLost) throw noRows(empty, run)
  const exceptRuns = new Set(now.map((series) => series.run))
  const base =
    baseline === undefined
      ? null
      : await orNone(readBaseline({ baseline, root, exceptRuns, files, onProblem }), rules)
  return { report: judge({ now, base, budgets, rules, seed }), now }
}

/** The baseline, or none where a first run may do without. */
export async function orNone(
  reading: Promise<Series[]>,
  { allow_missing }: GateRules,
): Promise<Series[] | null> {
  try {
    return await reading
  } catch (error) {
    if (allow_missing && error instanceof ProvemarkError && error.code === 'BASELINE_MISSING') return null
    throw error
  }
}

function noRows(files: readonly string[], run: RunSelection): ProvemarkError {
  const named = typeof run === 'object' && 'only' in run ? ` of run ${run.only}` : ''
  return new ProvemarkError('NO_ROWS', `no row${named} in ${files.join(', ')}`, {
    hint: named ? '--run all takes every run' : 'npx vitest bench writes rows to benchmarking/',
  })
}
