/**
 * Installs and runs an example as a reader would, and checks that its rows are good. Usage: example NAME [--results
 * FILE]; without a name, all of them.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Row } from '../src/row/schema.ts'

interface Example {
  /** What a reader runs after `npm install`. */
  build?: readonly [string, ...string[]]
  isGood: (rows: readonly Row[]) => boolean
}

const outlineOf = (rows: readonly Row[]) => rows.map(({ phase, status }) => `${phase} ${status}`).join(', ')

const isRefused = (rows: readonly Row[]) => rows.some(({ controls }) => controls?.output === 'rejected')
const areOk = (rows: readonly Row[]) => rows.every(({ status }) => status === 'ok')

const EXAMPLES: Readonly<Record<string, Example>> = {
  circom: { isGood: (rows) => rows.length === 2 * (1 + 2 + 2 + 2) && areOk(rows) && isRefused(rows) },
  o1js: {
    isGood: (rows) =>
      outlineOf(rows) === 'compile ok, witness ok, prove ok, verify ok' &&
      rows.at(-1)?.controls?.output === 'rejected',
  },
  service: {
    isGood: (rows) =>
      rows.length === 2 + 2 &&
      areOk(rows) &&
      isRefused(rows) &&
      rows.every((row) => row.process === 'service') &&
      (rows[0]?.time_s_load ?? 0) > 0,
  },
  'one-process': {
    build: ['cargo', 'build', '--release', '--locked'],
    isGood: (rows) =>
      rows.length === 2 * (1 + 3 + 3) &&
      rows.every(({ status, time_source, mem_mb }) => status === 'ok' && time_source === 'marks' && mem_mb) &&
      rows.every(({ phase, spans }) => phase !== 'prove' || spans?.['serialize'] !== undefined),
  },
}

const { values, positionals } = parseArgs({
  options: { results: { type: 'string' } },
  allowPositionals: true,
})
const names = positionals.length ? positionals : Object.keys(EXAMPLES)
const unknown = names.filter((name) => !Object.hasOwn(EXAMPLES, name))
if (unknown.length) {
  console.error(`no example is called ${unknown.join(', ')}: ${Object.keys(EXAMPLES).join(', ')}`)
  process.exit(2)
}
const dir = mkdtempSync(join(tmpdir(), 'provemark-example-'))
try {
  const good = names.filter((name) => runExample(name, EXAMPLES[name]!))
  console.log(`${good.length} passed, ${names.length - good.length} failed`)
  if (good.length < names.length) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function runExample(name: string, { build, isGood }: Example): boolean {
  const cwd = join(import.meta.dirname, '..', 'examples', name)
  const results = values.results ? resolve(values.results) : join(dir, `${name}.jsonl`)
  // A lock file would pin this package's own dependencies.
  run(cwd, 'npm', 'install', '--no-package-lock', '--no-audit', '--no-fund')
  if (build) run(cwd, ...build)
  run(cwd, 'npx', 'vitest', 'bench', '--', '--results', results)
  const rows = readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
  console.log(`${name}: ${outlineOf(rows)}`)
  return isGood(rows)
}

function run(cwd: string, file: string, ...args: string[]): void {
  const { status, error } = spawnSync(file, args, { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`)
}
