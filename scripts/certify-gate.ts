/**
 * Writes what docs/gate.md says of the gate's error rates:
 * node scripts/certify-gate.ts [--fit] [--skip-self-test] [flags of gate --self-test]
 *
 * `--fit` first fits the simulated noise to the runs that scripts/collect-runs.ts has collected, idle and busy, in less
 * than a minute. Then come the tables of what a run detects, of the noise, of the real runs and of the self-test. The
 * self-test takes some 8 minutes with `--runs 500` on two quiet cores; it also measures a fixture prover, so nothing
 * else should run.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { countDisturbed, judgeRealRuns, renderRealRuns } from './certification/real-runs.ts'
import { writeWhole } from '../src/lib/whole-file.ts'
import { fitMachine } from './certification/fit.ts'

const ROOT = join(import.meta.dirname, '..')
const RUNS = join(ROOT, 'fixtures/certification')
const NOISE = join(ROOT, 'src/gate/self-test/fitted-noise.json')
const DOCUMENT = join(ROOT, 'docs/gate.md')

/** The runs that the noise of each machine is fitted to. */
const FITTED = { idle: ['idle', 'idle-before'], busy: ['busy'] }

const OWN = new Set(['--fit', '--skip-self-test'])
const given = process.argv.slice(2)

if (given.includes('--fit')) fit()
// Loaded after the fit, whose noise it reads.
const { renderDetectable, renderNoise } = await import('./certification/tables.ts')
write('detectable', renderDetectable())
write('noise', renderNoise())
write('real-runs', renderRealRuns(judgeRealRuns(RUNS), countDisturbed(RUNS)))
if (!given.includes('--skip-self-test')) {
  const flags = given.filter((flag) => !OWN.has(flag))
  const { stdout, exitCode } = await execa(
    process.execPath,
    ['src/cli.ts', 'gate', '--self-test', ...flags],
    { cwd: ROOT, reject: false, stderr: 'inherit' },
  )
  // Failures are published as well.
  if (stdout) write('self-test', stdout.trim())
  process.exitCode = exitCode ?? 2
}

/** Fits each machine to its runs. */
function fit(): void {
  const noise: Record<string, unknown> = {}
  for (const [machine, files] of Object.entries(FITTED))
    noise[machine] = fitMachine(files.map((name) => join(RUNS, `${name}.jsonl`)))
  writeWhole(NOISE, `${JSON.stringify(noise, null, 2)}\n`)
}

/** Replaces a generated block of the document. */
function write(name: string, content: string): void {
  console.log(content)
  const text = readFileSync(DOCUMENT, 'utf8')
  const start = text.indexOf('-->', text.indexOf(`<!-- ${name}`)) + '-->'.length
  const end = text.indexOf(`<!-- /${name} -->`)
  if (start < '-->'.length || end < start) throw new Error(`${DOCUMENT} has no place for ${name}`)
  writeWhole(DOCUMENT, `${text.slice(0, start)}\n\n${content}\n\n${text.slice(end)}`)
}
