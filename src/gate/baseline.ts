import { existsSync, realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { ExecaError } from 'execa'
import { ProvemarkError } from '../errors.ts'
import { listSome } from '../lib/names.ts'
import { DamagedLines, readLine, type RowProblem } from '../row/read.ts'
import { type Series, SeriesFold, okCount } from '../row/series.ts'
import { foldFiles } from '../row/fold-files.ts'
import { findForks } from './baseline-rows.ts'

interface BaselineSources {
  /** Path of a JSONL file, or `git:REF[:PATH]`. */
  baseline: string
  /** Folder that paths are relative to. */
  root: string
  /** Runs to judge; left out of the baseline if it holds them too. */
  exceptRuns: ReadonlySet<string | null>
  /** Files that hold the runs to judge. */
  files: readonly string[]
}

/**
 * Series of a baseline: for each phase of each point the runs that it holds, oldest first, without those to judge.
 * @throws ProvemarkError BASELINE_MISSING if it does not exist or holds no other run, ROWS_UNREADABLE if one of its
 * lines is not a row, ROWS_CONFLICT if it has two different entries for one phase
 */
export async function readBaseline(sources: BaselineSources): Promise<Series[]> {
  const { baseline, root, exceptRuns, files } = sources
  const git = parseGitBaseline(baseline)
  const path = resolve(root, baseline)
  if (!git && !existsSync(path)) throw baselineMissing(`there is no baseline ${baseline}`)
  const damaged = new DamagedLines()
  const { series: all } = git
    ? await foldGitBaseline(git, root, damaged.onProblem)
    : await foldFiles([path], { run: 'all', onProblem: damaged.onProblem, pool: 'runs' })
  // Half a baseline, or both sides of a merge, could pass what the whole one would fail.
  if (damaged.count) throw damaged.refuse(`the baseline ${baseline} is damaged`)
  // Rows without a run id form one run per file, so those of another file are a different run.
  const isSameFile =
    !git && files.some((file) => existsSync(file) && realpathSync(file) === realpathSync(path))
  const except = new Set([...exceptRuns].filter((run) => run !== null || isSameFile))
  const twice = findTwice(all, except)
  if (twice.length) throw refuseTwice(`the baseline ${baseline}`, twice)
  const series = selectRuns(all, except)
  if (series.length) return series
  const isOnlyNow = all.length > 0 && except.size > 0
  throw baselineMissing(
    isOnlyNow
      ? `the baseline ${baseline} holds no run other than the one to judge`
      : `the baseline ${baseline} holds no row of a phase that succeeded`,
  )
}

/** Where `provemark baseline update` writes and `git:REF` reads, relative to the project folder. */
export const DEFAULT_BASELINE = 'bench/baseline.jsonl'

interface GitBaseline {
  ref: string
  /** Relative to the folder where it is read. */
  path: string
}

/** The parts of `git:REF[:PATH]`; undefined for a plain path. */
function parseGitBaseline(text: string): GitBaseline | undefined {
  if (!text.startsWith('git:')) return undefined
  const [ref = '', ...path] = text.slice('git:'.length).split(':')
  if (!ref || ref.startsWith('-')) {
    throw new ProvemarkError('CONFIG_INVALID', `baseline ${text}: expected git:REF[:PATH]`, {
      hint: 'git:main, or git:v1.2.0:bench/baseline.jsonl',
    })
  }
  return { ref, path: path.join(':') || DEFAULT_BASELINE }
}

/**
 * Reads a baseline from a commit without touching the working tree.
 * @throws ProvemarkError BASELINE_MISSING if there is no such repository, commit or file
 */
async function foldGitBaseline(
  { ref, path }: GitBaseline,
  root: string,
  onProblem: (problem: RowProblem) => void,
): Promise<SeriesFold> {
  const file = `${ref}:./${relative(root, resolve(root, path)).replaceAll('\\', '/')}`
  const fold = new SeriesFold('runs')
  const { execa, ExecaError } = await import('execa')
  const shown = execa('git', ['show', '--no-textconv', file], { cwd: root, buffer: { stdout: false } })
  try {
    let number = 0
    for await (const text of shown) {
      number++
      const row = readLine(file, { text, number, start: 0, ended: true }, onProblem)
      if (row) fold.add(row)
    }
  } catch (cause) {
    if (!(cause instanceof ExecaError)) throw cause
    throw explainGit({ ref, path }, cause)
  }
  return fold
}

function explainGit({ ref, path }: GitBaseline, cause: ExecaError): ProvemarkError {
  const said = String(cause.stderr ?? '').trim()
  const missing = (message: string, hint: string) =>
    new ProvemarkError('BASELINE_MISSING', message, { cause, hint })
  if (cause.code === 'ENOENT') return missing('git is not installed', 'name the file itself with --baseline')
  if (/not a git repository/i.test(said)) {
    return missing('this folder is in no git repository', 'name the file itself with --baseline')
  }
  if (/invalid object name|unknown revision|bad revision/i.test(said)) {
    return missing(
      `git has no commit ${ref}`,
      `git fetch origin ${ref}; a checkout in CI often has one commit only (fetch-depth: 0)`,
    )
  }
  if (/does not exist|exists on disk, but not in/i.test(said)) {
    return missing(
      `there is no ${path} in ${ref}`,
      'create one with npx provemark baseline update and commit it; --allow-missing lets a first run pass without it',
    )
  }
  return missing(`git show ${ref}:${path} failed: ${said}`, 'try the same command yourself')
}

/** Ambiguous series of a baseline: rows that repeat an iteration, as both sides of a merge do, or mixed histories. */
function findTwice(series: readonly Series[], except: ReadonlySet<string | null>): Series[] {
  const nameless = series.filter(({ run, iterations }) => run === null && iterations.isTwice)
  return [...new Set([...(except.has(null) ? [] : nameless), ...findForks(series)])]
}

/**
 * For each phase of each point in a baseline, the runs to judge against, oldest first, without the excluded ones: all
 * that `baseline update` kept. Of any other results file, only the last run that measured it, since nothing says that
 * older ones measured the same code.
 */
function selectRuns(series: readonly Series[], except: ReadonlySet<string | null>): Series[] {
  const good = series.filter((one) => okCount(one) > 0)
  return [...Map.groupBy(good, ({ key }) => key).values()].flatMap((own) => {
    const others = own.filter(({ run }) => !except.has(run))
    const kept = own.filter(({ first }) => first.samples != null)
    // If the baseline holds only the run itself, the run is judged against itself, and a note says so.
    if (kept.length) return others.length ? others : kept
    const last = others.at(-1)?.run
    return others.filter(({ run }) => run === last)
  })
}

/** The error for a baseline that has nothing to compare with. */
export function baselineMissing(message: string): ProvemarkError {
  return new ProvemarkError('BASELINE_MISSING', message, {
    hint: 'npx provemark baseline update creates one from your last run; --allow-missing lets a first run pass without it',
  })
}

/** The error for a baseline that has two different entries for one phase. */
export function refuseTwice(
  what: string,
  twice: readonly Pick<Series, 'point' | 'phase' | 'prover'>[],
): ProvemarkError {
  const names = twice.map(({ point, phase, prover }) => [point, phase, prover].filter(Boolean).join(' '))
  return new ProvemarkError(
    'ROWS_CONFLICT',
    `${what} holds two histories, as after a merge: ${listSome(names)}`,
    {
      hint: 'keep the lines of one side of the merge, or measure again and run npx provemark baseline update',
    },
  )
}
