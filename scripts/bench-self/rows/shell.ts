import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Row } from '../../../src/row/schema.ts'
import type { Benchmark, Context } from '../benchmark.ts'
import { runMeasured, takeTurns } from '../processes.ts'
import { runBench, spawnedMs } from '../vitest-run.ts'

const MOST = 1.02
const INPUT = 'lenet_input.json'

/** A whole point under the harness: spawning, measuring, hashing and writing rows in addition to the proofs. */
export const shell: Benchmark = {
  name: 'shell',
  what: 'all four phases of the embedded prover under the harness',
  against: 'the same commands in a shell script',
  async run(context) {
    const flags = ['--points', 'lenet', '--iterations', '1', '--no-controls']
    const { rows } = await runBench(context, [...flags, '--keep', 'all'])
    const script = await writeScript(context, rows)
    const samples = await takeTurns(
      context.quick ? 1 : 15,
      async () => spanS((await runBench(context, flags)).rows),
      () => runScript(context, script, rows[0]!.tmpdir!),
    )
    return [
      {
        what: 'LeNet, compile to verify',
        unit: 's',
        ...samples,
        commands: { ours: `npx vitest bench -- ${flags.join(' ')}`, other: 'sh script.sh' },
        by: 'ratio',
        limit: MOST,
      },
    ]
  },
}

/** From the first spawn to the last row. */
function spanS(rows: readonly Row[]): number {
  return (Date.parse(rows.at(-1)!.timestamp!) - spawnedMs(rows[0]!)) / 1000
}

const quote = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** The commands of the rows, in a separate folder. */
async function writeScript({ dir }: Context, rows: readonly Row[]): Promise<string> {
  const script = join(dir, 'script.sh')
  const own = join(dir, 'shell')
  const lines = rows.map(({ cmd, tmpdir }) => cmd!.map((word) => quote(word.replace(tmpdir!, own))).join(' '))
  await writeFile(script, ['set -e', ...lines].join('\n'))
  return script
}

/** The harness has written the prover's copy of the input before the first phase, so it exists here too. */
async function runScript({ dir }: Context, script: string, kept: string): Promise<number> {
  const own = join(dir, 'shell')
  await mkdir(own)
  await copyFile(join(kept, INPUT), join(own, INPUT))
  const { timeS } = await runMeasured({ file: 'sh', args: [script], cwd: own })
  await rm(own, { recursive: true })
  return timeS
}
