/**
 * Collects the separate runs that docs/gate.md is certified on, of the embedded prover and of the fixture prover:
 * node scripts/collect-runs.ts idle|busy [--runs 60] [--comparisons 20] [--out FOLDER] [--prefix COMMAND]
 *
 * `idle` measures as the machine is. `busy` keeps a changing number of busy loops beside it. A run that is in the file
 * already is not measured again, so the script can be ended and started anew.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { cpuTimes } from '../src/row/metrics.ts'
import { readRows } from '../src/row/read.ts'
import { PHASES, type Row } from '../src/row/schema.ts'

const ROOT = join(import.meta.dirname, '..')
const PROVERS = { gnark: 'gnark', fixture: './src/cli/self-test/fixture-prover.ts' }
const RUN = 'compile=3,witness=10,prove=10,verify=10'
const COMPARISON = 'compile=2,witness=20,prove=20,verify=20'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '60' },
    comparisons: { type: 'string', default: '20' },
    out: { type: 'string', default: join(ROOT, 'fixtures/certification') },
    /** A command to start each run through. */
    prefix: { type: 'string', default: '' },
  },
})
const kind = positionals[0]
if (kind !== 'idle' && kind !== 'busy') throw new Error('expected idle or busy')
const file = join(values.out, `${kind}.jsonl`)
mkdirSync(values.out, { recursive: true })
const known = new Set(
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).run as string)
    : [],
)

const most = Math.max(Number(values.runs), Number(values.comparisons))
for (let number = 1; number <= most; number++) {
  for (const prover of ['gnark', 'fixture'] as const) {
    if (number <= Number(values.runs)) await collect(`${kind}-${prover}-${number}`, prover, false)
    if (number <= Number(values.comparisons)) await collect(`${kind}-${prover}-turns-${number}`, prover, true)
  }
}

/** Measures one run and appends a line per phase and side to the file. */
async function collect(run: string, prover: keyof typeof PROVERS, inTurns: boolean): Promise<void> {
  if (known.has(run)) return
  const dir = await mkdtemp(join(tmpdir(), 'provemark-collect-'))
  const stopLoad = kind === 'busy' ? startLoad() : () => {}
  try {
    const results = join(dir, 'rows.jsonl')
    const provers = Array<string>(inTurns ? 2 : 1).fill(PROVERS[prover])
    const command = [
      ...values.prefix.split(' ').filter(Boolean),
      process.execPath,
      'node_modules/vitest/vitest.mjs',
      'bench',
      'lenet',
      '--',
      ...provers.flatMap((own) => ['--prover', own]),
      ...(inTurns ? ['--interleave', '--budget', 'ecc.totalCost=0%'] : []),
      '--iterations',
      inTurns ? COMPARISON : RUN,
      '--results',
      results,
      '--run-id',
      run,
    ]
    const [bin, ...args] = command
    const { exitCode, all } = await execa(bin!, args, { cwd: ROOT, reject: false, all: true })
    if (exitCode !== 0) throw new Error(`${run} ended with ${exitCode}:\n${all}`)
    const rows = await Array.fromAsync(readRows(results, { onProblem: () => {} }))
    appendFileSync(file, condense(run, prover, rows))
    console.log(new Date().toISOString(), run)
  } finally {
    stopLoad()
    await rm(dir, { recursive: true, force: true })
  }
}

/** A line per phase and side: its figures in the order in which they were measured. */
function condense(run: string, prover: string, rows: readonly Row[]): string {
  const sides = ['a', 'b', null].flatMap((side) => PHASES.map((phase) => ({ side, phase })))
  return sides
    .map(({ side, phase }) => {
      const own = rows.filter((row) => row.phase === phase && (row.side ?? null) === side)
      if (!own.length) return ''
      const list = (figures: readonly (number | null | undefined)[]) =>
        figures.map((figure) => (figure == null ? null : Number(figure.toPrecision(4))))
      return `${JSON.stringify({
        run,
        prover,
        ...(side ? { side } : {}),
        phase,
        time_s: list(own.map(({ time_s }) => time_s)),
        cpu_s: list(own.flatMap(cpuTimes)),
        mem_mb: list(own.map(({ mem_mb }) => mem_mb)),
        disturbed: list(own.map(({ disturbed }) => disturbed)),
      })}\n`
    })
    .join('')
}

/** Keeps 0 to twice as many busy loops as there are cores, another number every few seconds. Returns what ends it. */
function startLoad(): () => void {
  const loops: ChildProcess[] = []
  const change = () => {
    for (const loop of loops.splice(0)) loop.kill('SIGKILL')
    const count = Math.floor(Math.random() * (2 * availableParallelism() + 1))
    for (let i = 0; i < count; i++) loops.push(spawn(process.execPath, ['-e', 'for (;;);']))
  }
  change()
  const timer = setInterval(change, 5000)
  return () => {
    clearInterval(timer)
    for (const loop of loops) loop.kill('SIGKILL')
  }
}
