import { relative, resolve } from 'node:path'
import type { ExecaError } from 'execa'
import { ProvemarkError } from '../errors.ts'
import { readLine, type RowProblem } from '../row/read.ts'
import { BaselineCollector } from './collect.ts'

/** Where `provemark baseline update` writes and `git:REF` reads, below the folder of the project. */
export const DEFAULT_BASELINE = 'bench/baseline.jsonl'

export interface GitBaseline {
  ref: string
  /** Relative to the folder that it is read from. */
  path: string
}

/** The parts of `git:REF[:PATH]`; undefined for what is a path. */
export function parseGitBaseline(text: string): GitBaseline | undefined {
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
 * Reads a baseline as a commit has it; the working tree stays as it is.
 * @throws ProvemarkError BASELINE_MISSING where there is no repository, commit or file
 */
export async function collectGitBaseline(
  { ref, path }: GitBaseline,
  root: string,
  onProblem: (problem: RowProblem) => void,
): Promise<BaselineCollector> {
  const file = `${ref}:./${relative(root, resolve(root, path)).replaceAll('\\', '/')}`
  const collector = new BaselineCollector()
  const { execa, ExecaError } = await import('execa')
  const shown = execa('git', ['show', '--no-textconv', file], { cwd: root, buffer: { stdout: false } })
  try {
    let number = 0
    for await (const text of shown) {
      number++
      const row = readLine(file, { text, number, start: 0, ended: true }, onProblem)
      if (row) collector.add(row)
    }
  } catch (cause) {
    if (!(cause instanceof ExecaError)) throw cause
    throw explainGit({ ref, path }, cause)
  }
  return collector
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
      `git knows no commit ${ref}`,
      `git fetch origin ${ref}; a checkout in CI often has one commit only (fetch-depth: 0)`,
    )
  }
  if (/does not exist|exists on disk, but not in/i.test(said)) {
    return missing(
      `there is no ${path} in ${ref}`,
      'commit one with npx provemark baseline update; --allow-missing passes a first run without it',
    )
  }
  return missing(`git show ${ref}:${path} failed: ${said}`, 'try the same command yourself')
}
