import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, dirname, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ProvemarkError } from '../errors.ts'
import { runVitest } from './run-vitest.ts'
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { LOOKS } from '../gate/noisy.ts'
import { reportSchema, type GateReport } from '../gate/verdict.ts'
import { formatRow } from '../row/write.ts'
import { readRows } from '../row/read.ts'
import { COMPARE_RESULTS } from '../run/resolve-run.ts'
import { countOf } from '../lib/names.ts'
import { execa } from 'execa'

/** Enough pairs to find 20 % more in a dozen figures of a quiet machine. */
const ITERATIONS = '20'

interface LiveComparison {
  a: string
  b: string
  build: string | undefined
  untilDecided: string | undefined
  /** Vitest's own file filters. */
  tracks: readonly string[]
  /** Flags of the run. */
  flags: readonly string[]
}

/** Runs both sides alternately through Vitest, which knows the tracks and their flags. */
export async function compareLive(given: LiveComparison): Promise<void> {
  const { a, b, build, untilDecided, tracks, flags } = given
  const isCounted = flags.some((flag) => /^--(?:iterations|sampling)(?:=|$)/.test(flag))
  const limitMs = untilDecided === undefined ? undefined : parseDuration(untilDecided)
  if (limitMs !== undefined && isCounted) {
    throw new ProvemarkError('CONFIG_INVALID', '--until-decided chooses the number of iterations itself', {
      hint: 'leave out --iterations and --sampling',
    })
  }
  const dir = await mkdtemp(join(tmpdir(), 'provemark-compare-'))
  try {
    const specs = [await buildSide(a, build, join(dir, 'a')), await buildSide(b, build, join(dir, 'b'))]
    const json = flags.includes('--json') ? join(dir, 'report.json') : undefined
    const sides = ['--interleave', ...specs.flatMap((spec) => ['--prover', spec])]
    const own = flags.filter((flag) => flag !== '--json')
    if (limitMs !== undefined) {
      const quiet = json !== undefined
      const ended = await runUntilDecided({ tracks, flags: [...sides, ...own], limitMs, dir, quiet })
      process.exitCode = ended.exitCode
      if (json && ended.report) console.log(JSON.stringify(ended.report, null, 2))
      return
    }
    const run = [
      ...sides,
      ...(isCounted ? [] : ['--iterations', ITERATIONS]),
      ...(json ? ['--gate-json', json] : []),
      ...own,
    ]
    process.exitCode = await runVitest(['bench', ...tracks, '--', ...run], { quiet: json !== undefined })
    // A rejected run has printed the reason and left no report.
    if (json) process.stdout.write(await readFile(json, 'utf8').catch(() => ''))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds of `90s`, `10m` or `1h`.
 * @throws ProvemarkError CONFIG_INVALID
 */
function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? []
  if (!digits || !unit || !Number(digits)) {
    throw new ProvemarkError('CONFIG_INVALID', `--until-decided ${text}: expected a duration such as 10m`, {
      hint: 'a number with s, m or h: 90s, 10m, 1h',
    })
  }
  return Number(digits) * UNITS_MS[unit]!
}

interface Rounds {
  /** Arguments of the run in front of and behind `--`, without its iterations. */
  tracks: readonly string[]
  flags: readonly string[]
  limitMs: number
  /** Folder for files of the rounds. */
  dir: string
  /** Sends Vitest's output to standard error. */
  quiet: boolean
}

/**
 * Runs a comparison in rounds until every budget is decided, the planned looks are used up, or the next round would take
 * longer than is left. Each round is a Vitest run of its own that judges all pairs so far, with its share of the error
 * rates. The rows of all rounds become one run in the results file.
 */
async function runUntilDecided({ tracks, flags, limitMs, dir, quiet }: Rounds) {
  const startMs = performance.now()
  const run = randomUUID()
  const { values } = parseArgs({ args: [...flags], options: { results: { type: 'string' } }, strict: false })
  const results = String(values.results ?? COMPARE_RESULTS)
  const all = join(dir, 'rows.jsonl')
  appendFileSync(all, '')
  let [pairs, exitCode] = [0, 2]
  let report: GateReport | undefined
  for (const [index, look] of LOOKS.entries()) {
    const elapsedMs = performance.now() - startMs
    const left = pairs ? Math.floor(((limitMs - elapsedMs) * pairs) / elapsedMs) : Infinity
    const more = Math.min(look - pairs, left)
    if (more < 1) break
    console.error(`round ${index + 1} of at most ${LOOKS.length}: ${countOf(more, 'more pair')}`)
    const [rows, json] = [join(dir, `round-${index}.jsonl`), join(dir, `report-${index}.json`)]
    const own = ['--iterations', String(more), '--results', rows, '--continues', all, '--gate-json', json]
    exitCode = await runVitest(['bench', ...tracks, '--', ...flags, ...own], { quiet })
    if (!existsSync(json)) return { exitCode, report: undefined }
    await addRound(rows, { run, pairs, files: [all, results] })
    pairs += more
    report = reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')))
    const isOpen = report.checks.some(({ verdict, limit }) => verdict === 'inconclusive' && limit !== null)
    if (!isOpen || report.checks.some(({ verdict }) => verdict === 'failed')) break
  }
  return { exitCode, report }
}

/** Adds the rows of a round to files as later iterations of one run. */
async function addRound(
  rows: string,
  { run, pairs, files }: { run: string; pairs: number; files: string[] },
) {
  let text = ''
  for await (const row of readRows(rows, { onProblem: () => {} })) {
    text += formatRow({ ...row, run_id: run, ...(row.iteration ? { iteration: pairs + row.iteration } : {}) })
  }
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    appendFileSync(file, text)
  }
}

/**
 * The spec of a side in the form a run takes. A spec with `ref=GIT_REF` is built first: its commit is checked out into
 * a separate clone, the build command runs there, and `bin` is looked up there. The repository itself is not changed.
 * @param dir folder for the clone, must not exist yet
 * @throws ProvemarkError CONFIG_INVALID or BUILD_FAILED
 */
async function buildSide(spec: string, build: string | undefined, dir: string): Promise<string> {
  const parts = spec.split(',')
  const ref = parts.find((part) => part.startsWith('ref='))?.slice('ref='.length)
  if (ref === undefined) return spec
  const bin = parts.find((part) => part.startsWith('bin='))?.slice('bin='.length)
  if (!bin || !ref || ref.startsWith('-')) {
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `${spec}: expected ref=GIT_REF and bin=PATH, the built program`,
      {
        hint: "--a 'NAME,ref=main,bin=target/release/prover' --b 'NAME,ref=HEAD,bin=…' --build 'cargo build --release'",
      },
    )
  }
  const at = await checkOut(ref, dir)
  if (build) await runBuild(build, at, ref)
  const built = resolve(at, bin)
  if (!existsSync(built)) {
    throw new ProvemarkError('BUILD_FAILED', `${ref} has no ${bin}${build ? ` after ${build}` : ''}`, {
      hint: build ? 'bin is relative to the current folder' : "name the command that makes it: --build '…'",
    })
  }
  return parts
    .filter((part) => !part.startsWith('ref='))
    .map((part) => (part.startsWith('bin=') ? `bin=${built}` : part))
    .join(',')
}

/** Clones the repository at a commit and returns the clone's counterpart of the current folder. */
async function checkOut(ref: string, dir: string): Promise<string> {
  const git = async (...args: string[]) => (await execa('git', args)).stdout
  try {
    const root = await git('rev-parse', '--show-toplevel')
    const commit = await git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`)
    // A shared clone copies no history and, unlike a work tree, needs no entry in the repository.
    await git('clone', '--quiet', '--shared', '--no-checkout', root, dir)
    await git('-C', dir, 'checkout', '--quiet', '--detach', commit)
    await git('-C', dir, 'submodule', '--quiet', 'update', '--init', '--recursive')
    return join(dir, relative(root, process.cwd()))
  } catch (cause) {
    const said = String((cause as { stderr?: unknown }).stderr ?? (cause as Error).message).trim()
    throw new ProvemarkError('BUILD_FAILED', `cannot check out ${ref}: ${said}`, {
      cause,
      hint: `try git rev-parse ${ref}; a shallow clone needs git fetch --unshallow`,
    })
  }
}

/** Runs the user's command in a shell, with its output visible. */
async function runBuild(command: string, cwd: string, ref: string): Promise<void> {
  console.error(`building ${ref}: ${command}`)
  const { failed, exitCode } = await execa(command, {
    cwd,
    shell: true,
    stdio: ['ignore', process.stderr, process.stderr],
    reject: false,
  })
  if (!failed) return
  throw new ProvemarkError(
    'BUILD_FAILED',
    `the build of ${ref} ended with exit code ${exitCode}: ${command}`,
    {
      hint: 'see its output above',
    },
  )
}
