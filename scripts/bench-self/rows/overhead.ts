import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import which from 'which'
import type { Benchmark, Context } from '../benchmark.ts'
import { takeTurns } from '../processes.ts'
import { runBench, writeTrivialProver } from '../vitest-run.ts'

const LIMIT_MS = 3

/** What a phase costs in addition to its process, from one spawn to the next: its row is on disk by then. */
export const overhead: Benchmark = {
  name: 'overhead',
  what: 'one phase of a trivial command, spawn to row written',
  against: 'hyperfine',
  findMissing: () =>
    which.sync('hyperfine', { nothrow: true })
      ? undefined
      : 'no hyperfine on PATH (Debian: apt-get install hyperfine)',
  async run(context) {
    const runs = context.quick ? 50 : 200
    const prover = await writeTrivialProver(context.root, context.dir)
    const samples = await takeTurns(
      context.quick ? 1 : 5,
      () => periodMs(context, prover, runs),
      () => meanOfHyperfineMs(context, runs),
    )
    return [
      {
        what: `mean of ${runs} runs of true`,
        unit: 'ms',
        ...samples,
        commands: {
          ours: `npx vitest bench -- --prover ./trivial.ts --iterations prove=${runs}`,
          other: `hyperfine -N --runs ${runs} true`,
        },
        by: 'difference',
        limit: LIMIT_MS,
      },
    ]
  },
}

async function periodMs(context: Context, prover: string, runs: number): Promise<number> {
  const flags = ['--prover', prover, '--points', 'lenet', '--no-controls']
  const { rows } = await runBench(context, [...flags, '--iterations', `prove=${runs},verify=1,witness=1`])
  const times = rows.filter(({ phase }) => phase === 'prove').map(({ timestamp }) => Date.parse(timestamp!))
  return (times.at(-1)! - times[0]!) / (times.length - 1)
}

async function meanOfHyperfineMs({ dir }: Context, runs: number): Promise<number> {
  const json = join(dir, 'hyperfine.json')
  await execa('hyperfine', ['-N', '--runs', String(runs), '--export-json', json, 'true'])
  const { results } = JSON.parse(await readFile(json, 'utf8')) as { results: { mean: number }[] }
  return 1000 * results[0]!.mean
}
