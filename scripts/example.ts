/**
 * Installs and runs an example as a reader would, and checks that its rows are good. Usage: example [NAME…] [--results
 * FILE] [--record]; without a name, all of them. `--record` writes how long they took to docs/provers.md.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Row } from '../src/row/schema.ts'
import { renderTable } from './docs/table.ts'
import { describeOccasion, writeBlock } from './reliability/block.ts'

type Words = readonly [program: string, ...args: string[]]

interface Example {
  /** What it shows, for the table in the docs. */
  what: string
  /** What a reader runs after `npm install`, and how to get its program. */
  build?: { command: Words; install: string }
  isGood: (rows: readonly Row[]) => boolean
}

interface Figures {
  rows: number
  /** Of `npm install` and what follows it, and of the run, s. */
  installS: number
  runS: number
}

const areOk = (rows: readonly Row[]) => rows.every(({ status }) => status === 'ok')
const isRefused = (rows: readonly Row[]) => rows.some(({ controls }) => controls?.output === 'rejected')

const EXAMPLES: Readonly<Record<string, Example>> = {
  'one-process': {
    what: 'a Rust program that sets up once, proves and verifies N times, and waits at its marks (arkworks)',
    build: {
      command: ['cargo', 'build', '--release', '--locked'],
      install: 'install Rust, as with `apt-get install cargo`, and see that cargo is on PATH',
    },
    isGood: (rows) =>
      rows.length === 2 * (1 + 3 + 3) &&
      rows.every(({ status, time_source, mem_mb }) => status === 'ok' && time_source === 'marks' && mem_mb) &&
      rows.every(({ phase, spans }) => phase !== 'prove' || spans?.['serialize'] !== undefined),
  },
  service: {
    what: 'a server that keeps its keys loaded and is called over HTTP (o1js)',
    isGood: (rows) =>
      rows.length === 2 + 2 &&
      areOk(rows) &&
      isRefused(rows) &&
      rows.every((row) => row.process === 'service') &&
      (rows[0]?.time_s_load ?? 0) > 0,
  },
  circom: {
    what: 'circuits instead of ONNX models, with programs from npm (circom2 and snarkjs, installed for you)',
    isGood: (rows) => rows.length === 2 * (1 + 2 + 2 + 2) && areOk(rows) && isRefused(rows),
  },
  o1js: {
    what: 'a JavaScript library in the functions of a module (o1js)',
    isGood: (rows) => rows.length === 4 && areOk(rows) && isRefused(rows),
  },
}

const ROOT = join(import.meta.dirname, '..')

const { values, positionals } = parseArgs({
  options: { results: { type: 'string' }, record: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const names = positionals.length ? positionals : Object.keys(EXAMPLES)
const unknown = names.filter((name) => !Object.hasOwn(EXAMPLES, name))
if (unknown.length) fail(`no example is called ${unknown.join(', ')}: ${Object.keys(EXAMPLES).join(', ')}`)
if (values.results && names.length > 1) fail('--results FILE takes one example: name it')
if (!existsSync(join(ROOT, 'dist/plugin.js')))
  fail('provemark itself is not built, and the examples use it: run npm ci first')

const dir = mkdtempSync(join(tmpdir(), 'provemark-example-'))
const measured = new Map<string, Figures>()
try {
  for (const name of names) {
    try {
      measured.set(name, runExample(name, EXAMPLES[name]!))
    } catch (error) {
      console.error(`${name} failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
if (values.record) await record()
console.log(`${measured.size} passed, ${names.length - measured.size} failed`)
if (measured.size < names.length) process.exitCode = 1

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

function runExample(name: string, { build, isGood }: Example): Figures {
  const cwd = join(ROOT, 'examples', name)
  const results = values.results ? resolve(values.results) : join(dir, `${name}.jsonl`)
  if (build) checkProgram(build.command[0], build.install)
  // Rows of an earlier run would be counted with those of this one.
  const before = readRows(results).length
  const startMs = performance.now()
  // A lock file would pin this package's own dependencies.
  run(cwd, ['npm', 'install', '--no-package-lock', '--no-audit', '--no-fund'])
  if (build) run(cwd, build.command)
  const installedMs = performance.now()
  run(cwd, ['npx', 'vitest', 'bench', '--', '--results', results])
  const rows = readRows(results).slice(before)
  const figures = {
    rows: rows.length,
    installS: (installedMs - startMs) / 1000,
    runS: (performance.now() - installedMs) / 1000,
  }
  const outline = rows.map(({ phase, status }) => `${phase} ${status}`).join(', ')
  console.log(
    `${name}: ${outline}\n${name}: ${rows.length} rows; installed in ${figures.installS.toFixed(0)} s, ran in ${figures.runS.toFixed(0)} s`,
  )
  if (!isGood(rows)) throw new Error('its rows are not what they should be: see above')
  return figures
}

function checkProgram(program: string, install: string): void {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' })
  if (error) throw new Error(`it needs ${program}, which cannot be run (${error.message}): ${install}`)
}

function run(cwd: string, [file, ...args]: Words): void {
  const { status, error } = spawnSync(file, args, { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`)
}

function readRows(file: string): Row[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Row)
}

async function record(): Promise<void> {
  const rows = [...measured].map(([name, { rows: count, installS, runS }]) => [
    `[\`${name}\`](../examples/${name})`,
    EXAMPLES[name]!.what,
    String(count),
    `${installS.toFixed(0)} s`,
    `${runS.toFixed(0)} s`,
  ])
  const table = renderTable(['example', 'what it shows', 'rows', 'install and build', 'run'], rows)
  writeBlock('example', `${table}\nMeasured ${await describeOccasion()}`, 'provers.md')
}
