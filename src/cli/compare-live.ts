import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSide } from './build-side.ts'
import { runVitest } from './run-vitest.ts'

/** Enough repetitions for a verdict over more than a thousand figures. */
const ITERATIONS = '10'

export interface LiveComparison {
  a: string
  b: string
  build: string | undefined
  /** Vitest's own file filters. */
  tracks: readonly string[]
  /** Flags of the run. */
  flags: readonly string[]
}

/** Runs both sides in turns through Vitest, which knows the tracks and their flags. */
export async function compareLive({ a, b, build, tracks, flags }: LiveComparison): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'provemark-compare-'))
  try {
    const specs = [await buildSide(a, build, join(dir, 'a')), await buildSide(b, build, join(dir, 'b'))]
    const isCounted = flags.some((flag) => /^--(?:iterations|sampling)(?:=|$)/.test(flag))
    const json = flags.includes('--json') ? join(dir, 'report.json') : undefined
    const run = [
      '--interleave',
      ...specs.flatMap((spec) => ['--prover', spec]),
      ...(isCounted ? [] : ['--iterations', ITERATIONS]),
      ...(json ? ['--gate-json', json] : []),
      ...flags.filter((flag) => flag !== '--json'),
    ]
    process.exitCode = await runVitest(['bench', ...tracks, '--', ...run], { quiet: json !== undefined })
    // A run that was refused has said why, and left no report.
    if (json) process.stdout.write(await readFile(json, 'utf8').catch(() => ''))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
