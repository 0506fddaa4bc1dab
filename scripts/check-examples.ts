/** Installs and runs the examples as a reader would, and checks that their rows are good. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Row } from '../src/row/schema.ts'

const EXAMPLE = join(import.meta.dirname, '..', 'examples', 'o1js')

const dir = mkdtempSync(join(tmpdir(), 'provemark-example-'))
try {
  // A lock file would pin this package's own dependencies.
  run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'])
  const results = join(dir, 'rows.jsonl')
  run('npx', ['vitest', 'bench', '--', '--results', results])
  const rows = readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
  const outline = rows.map(({ phase, status }) => `${phase} ${status}`).join(', ')
  const isGood = outline === 'compile ok, witness ok, prove ok, verify ok'
  const isRefused = rows.at(-1)?.controls?.output === 'rejected'
  console.log(`o1js: ${outline}; forged output ${isRefused ? 'rejected' : 'not rejected'}`)
  console.log(isGood && isRefused ? '1 passed, 0 failed' : '0 passed, 1 failed')
  if (!isGood || !isRefused) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function run(file: string, args: string[]): void {
  const { status, error } = spawnSync(file, args, { cwd: EXAMPLE, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`)
}
