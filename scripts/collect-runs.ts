/**
 * Collects the separate runs that docs/gate.md is certified on, of the embedded prover and of the fixture prover:
 * node scripts/collect-runs.ts idle|busy [--runs 30] [--comparisons 15] [--out FOLDER] [--prefix COMMAND]
 *
 * `--runs` and `--comparisons` are numbers for each of the two provers. `idle` measures as the machine is. `busy` keeps
 * a changing number of busy loops beside it, and does not wait for other runs on the machine. Every run is a process of
 * its own, and gets into the file as a whole or not at all: end the script (Ctrl+C) and start it again to go on.
 *
 * On two cores, a run takes some 30 s and a comparison some 40 s if the machine is quiet, about twice as long beside
 * load. The defaults take about 50 minutes idle and 100 busy. Then run `node scripts/certify-gate.ts --fit`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { mean } from 'simple-statistics'
import { z } from 'zod'
import { cancelOnSignals } from '../src/cli/command.ts'
import { writeWhole } from '../src/lib/whole-file.ts'
import { cpuTimes } from '../src/row/metrics.ts'
import { readRows } from '../src/row/read.ts'
import { PHASES, type Row } from '../src/row/schema.ts'

const ROOT = join(import.meta.dirname, '..')
const PROVERS = { gnark: 'gnark', fixture: './src/cli/self-test/fixture-prover.ts' }
const ITERATIONS = {
  run: 'compile=3,witness=30,prove=30,verify=30',
  comparison: 'compile=2,witness=20,prove=20,verify=20',
}
const LOAD_CHANGES_MS = 5000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '30' },
    comparisons: { type: 'string', default: '15' },
    out: { type: 'string', default: join(ROOT, 'fixtures/certification') },
    /** A command to start each run through. */
    prefix: { type: 'string', default: '' },
  },
})
const [machine] = positionals
if (machine !== 'idle' && machine !== 'busy')
  throw new Error('expected idle or busy: node scripts/collect-runs.ts idle')
const counts = z.object({ run: z.coerce.number().int().min(0), comparison: z.coerce.number().int().min(0) })
const wanted = counts.parse({ run: values.runs, comparison: values.comparisons })

interface Job {
  id: string
  prover: keyof typeof PROVERS
  kind: keyof typeof ITERATIONS
}

const file = join(values.out, `${machine}.jsonl`)
const { signal, exitCode } = cancelOnSignals()
const jobs = listJobs()
const known = new Set(readLines().map((line) => z.object({ run: z.string() }).parse(JSON.parse(line)).run))
const open = jobs.filter(({ id }) => !known.has(id))
const tookS: { like: string; seconds: number }[] = []
const likeness = ({ prover, kind }: Job) => `${prover} ${kind}`

console.log(
  `${open.length} of ${jobs.length} to measure into ${file}; load average ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} CPUs`,
)
for (const [index, job] of open.entries()) {
  const startMs = performance.now()
  try {
    await collect(job)
  } catch (error) {
    if (!signal.aborted) throw error
    console.log(`ended in ${job.id}, which is not in the file; the same command goes on with it`)
    process.exit(exitCode())
  }
  tookS.push({ like: likeness(job), seconds: (performance.now() - startMs) / 1000 })
  const left = open.slice(index + 1)
  const minutes = Math.ceil(left.reduce((sum, one) => sum + expectedS(one), 0) / 60)
  console.log(
    `${index + 1} of ${open.length}: ${job.id}, ${Math.round(tookS.at(-1)!.seconds)} s; some ${minutes} min left`,
  )
}

/** Runs and comparisons of both provers take turns, so that the machine's state is spread over all. */
function listJobs(): Job[] {
  return Array.from({ length: Math.max(wanted.run, wanted.comparison) }, (_, i) => i + 1).flatMap((number) =>
    (['gnark', 'fixture'] as const).flatMap((prover): Job[] => [
      ...(number <= wanted.run
        ? [{ id: `${machine}-${prover}-${number}`, prover, kind: 'run' as const }]
        : []),
      ...(number <= wanted.comparison
        ? [{ id: `${machine}-${prover}-turns-${number}`, prover, kind: 'comparison' as const }]
        : []),
    ]),
  )
}

function readLines(): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

/** What a job is likely to take, from those like it, else from all. */
function expectedS(job: Job): number {
  const alike = tookS.filter(({ like }) => like === likeness(job))
  return mean((alike.length ? alike : tookS).map(({ seconds }) => seconds))
}

/** Measures one run and adds a line per phase and side to the file. */
async function collect({ id, prover, kind }: Job): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'provemark-collect-'))
  const stopLoad = machine === 'busy' ? startLoad() : () => {}
  try {
    const results = join(dir, 'rows.jsonl')
    const sides = Array<string>(kind === 'run' ? 1 : 2).fill(PROVERS[prover])
    const [bin, ...args] = [
      ...values.prefix.split(' ').filter(Boolean),
      process.execPath,
      'node_modules/vitest/vitest.mjs',
      'bench',
      'lenet',
      '--',
      ...sides.flatMap((own) => ['--prover', own]),
      ...(kind === 'run' ? [] : ['--interleave', '--budget', 'ecc.totalCost=0%']),
      '--iterations',
      ITERATIONS[kind],
      '--results',
      results,
      '--run-id',
      id,
      ...(machine === 'busy' ? ['--no-lock'] : []),
    ]
    const ended = await execa(bin!, args, {
      cwd: ROOT,
      reject: false,
      all: true,
      cancelSignal: signal,
      // Execa's own way to end the child when this process ends would end this process before it has cleaned up.
      cleanup: false,
    })
    signal.throwIfAborted()
    if (ended.exitCode !== 0) throw new Error(`${id} ended with ${ended.exitCode}:\n${ended.all}`)
    const rows = await Array.fromAsync(readRows(results, { onProblem: () => {} }))
    writeWhole(file, [...readLines(), ...condense(id, prover, rows), ''].join('\n'))
  } finally {
    stopLoad()
    await rm(dir, { recursive: true, force: true })
  }
}

/** A line per phase and side: its figures in the order in which they were measured. */
function condense(run: string, prover: string, rows: readonly Row[]): string[] {
  const sides = ['a', 'b', null].flatMap((side) => PHASES.map((phase) => ({ side, phase })))
  return sides.flatMap(({ side, phase }) => {
    const both = rows.filter((row) => row.phase === phase)
    const own = both.filter((row) => (row.side ?? null) === side)
    if (!own.length) return []
    const list = (figures: readonly (number | null | undefined)[]) =>
      figures.map((figure) => (figure == null ? null : Number(figure.toPrecision(4))))
    return JSON.stringify({
      run,
      prover,
      ...(side ? { side } : {}),
      phase,
      ...(side ? { at: own.map((row) => both.indexOf(row)) } : {}),
      time_s: list(own.map(({ time_s }) => time_s)),
      cpu_s: list(own.flatMap(cpuTimes)),
      mem_mb: list(own.map(({ mem_mb }) => mem_mb)),
      disturbed: list(own.map(({ disturbed }) => disturbed)),
    })
  })
}

/**
 * Keeps 0 to twice as many busy loops as there are cores, another number every few seconds. Returns what ends it. A loop
 * also ends by itself, so that none is left if this process is killed.
 */
function startLoad(): () => void {
  const loops: ChildProcess[] = []
  const loop = `for (const end = Date.now() + ${2 * LOAD_CHANGES_MS}; Date.now() < end;);`
  const change = () => {
    for (const one of loops.splice(0)) one.kill('SIGKILL')
    const count = Math.floor(Math.random() * (2 * availableParallelism() + 1))
    for (let i = 0; i < count; i++) loops.push(spawn(process.execPath, ['-e', loop]))
  }
  change()
  const timer = setInterval(change, LOAD_CHANGES_MS)
  return () => {
    clearInterval(timer)
    for (const one of loops) one.kill('SIGKILL')
  }
}
