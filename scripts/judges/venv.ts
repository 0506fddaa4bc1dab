import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import envPaths from 'env-paths'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const PYTHON = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python')

/** The virtual environment of the judges, in the user's cache, one per version of requirements.txt. */
function locateVenv(): string {
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  return join(envPaths('provemark', { suffix: '' }).cache, `judges-${digest}`)
}

/** Python with onnx, onnxruntime, numpy, DuckDB and pandas, for tests; `scripts/pretest.ts` makes it. */
export function locateJudgePython(): string {
  return join(locateVenv(), PYTHON)
}

/** Makes the environment unless it is there; a finished one is renamed into place, so that none is half made. */
export function prepareJudges(report: (line: string) => void): void {
  const venv = locateVenv()
  if (existsSync(venv)) return
  report(`setting up the Python judges in ${venv}`)
  const unfinished = `${venv}.${process.pid}.tmp`
  try {
    mkdirSync(dirname(venv), { recursive: true })
    run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', unfinished])
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary',
      ':all:',
    ]
    run(join(unfinished, PYTHON), [...pip, '--require-hashes', '-r', REQUIREMENTS])
    moveIntoPlace(unfinished, venv)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function run(file: string, args: string[]): void {
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  const reason = error ? error.message : `exit code ${status}`
  throw new Error(
    `the tests need Python 3.11 or newer with venv (Debian: apt-get install python3-venv).\n  ${file} ${args.join(' ')}: ${reason}`,
  )
}

function moveIntoPlace(unfinished: string, venv: string): void {
  try {
    renameSync(unfinished, venv)
  } catch (error) {
    // Another checkout has made the same environment meanwhile.
    if (!existsSync(venv)) throw error
  }
}
