import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { DamagedLines } from '../row/damaged-lines.ts'
import { collectGitBaseline, parseGitBaseline } from './git-baseline.ts'
import { baselineMissing, collectBaseline } from './read.ts'
import { refuseTwice } from './twice.ts'
import type { Series } from './series.ts'

export interface BaselineSources {
  /** Path of a JSONL file, or `git:REF[:PATH]`. */
  baseline: string
  /** Folder that paths start from. */
  root: string
  /** Runs that are judged, and are left out where the baseline holds them too. */
  exceptRuns: ReadonlySet<string | null>
  /** Files that the runs to judge come from. */
  files: readonly string[]
}

/**
 * Series of a baseline: of each phase of each point the last run that it holds, those to judge left out.
 * @throws ProvemarkError BASELINE_MISSING where it is not there or holds no other run, ROWS_UNREADABLE where a line of
 * it is no row, ROWS_CONFLICT where it says two things of one phase
 */
export async function readBaseline(sources: BaselineSources): Promise<Series[]> {
  const { baseline, root, exceptRuns, files } = sources
  const git = parseGitBaseline(baseline)
  const path = resolve(root, baseline)
  if (!git && !existsSync(path)) throw baselineMissing(`there is no baseline ${baseline}`)
  const damaged = new DamagedLines()
  const collector = git
    ? await collectGitBaseline(git, root, damaged.onProblem)
    : await collectBaseline(path, damaged.onProblem)
  // Half of a baseline, or both sides of a merge, would let pass what the whole one holds up.
  if (damaged.count) throw damaged.refuse(`the baseline ${baseline} is damaged`)
  // Rows without a run id are one run: those of another file are another.
  const isSameFile =
    !git && files.some((file) => existsSync(file) && realpathSync(file) === realpathSync(path))
  const except = new Set([...exceptRuns].filter((run) => run !== null || isSameFile))
  const twice = collector.findTwice(except)
  if (twice.length) throw refuseTwice(`the baseline ${baseline}`, twice)
  const series = collector.selectLatest(except)
  if (series.length) return series
  const isOnlyNow = !collector.isEmpty && except.size > 0
  throw baselineMissing(
    isOnlyNow
      ? `the baseline ${baseline} holds no run but the one to judge`
      : `the baseline ${baseline} holds no row of a phase that ended well`,
  )
}
