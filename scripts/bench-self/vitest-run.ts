import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { readRows } from '../../src/row/read.ts'
import type { Row } from '../../src/row/schema.ts'
import type { Context } from './benchmark.ts'

export interface BenchRun {
  /** When the command was started, ms since 1970. */
  startedMs: number
  rows: Row[]
  command: string
}

const RESULTS = 'rows.jsonl'
let runs = 0

/** Arguments of npx for a run that writes into a separate folder and does not wait for other runs. */
export function benchArgs(own: string, flags: readonly string[]): string[] {
  const results = ['--results', join(own, RESULTS), '--work-dir', join(own, 'work')]
  const inputs = ['--onnx-dir', own, '--inputs-dir', own]
  return ['vitest', 'bench', '--', ...flags, ...results, ...inputs, '--lock', 'off']
}

/** Runs `npx vitest bench` in the checkout, as a user would, and reads its rows. */
export async function runBench(
  { root, dir }: Pick<Context, 'root' | 'dir'>,
  flags: readonly string[],
  expected: readonly number[] = [0],
): Promise<BenchRun> {
  const own = join(dir, `run-${++runs}`)
  const startedMs = Date.now()
  // Not under a monitor, which would measure the run from outside and slow it down.
  const { exitCode, all } = await execa('npx', benchArgs(own, flags), {
    cwd: root,
    all: true,
    reject: false,
    stdin: 'ignore',
  })
  if (!expected.includes(exitCode ?? -1)) throw new Error(`npx vitest bench ended with ${exitCode}:\n${all}`)
  return {
    startedMs,
    rows: await Array.fromAsync(readRows(join(own, RESULTS))),
    command: `npx vitest bench -- ${flags.join(' ')}`,
  }
}

/** When the process of a row was started, ms since 1970: the row contains its end. */
export function spawnedMs({ timestamp, time_s }: Row): number {
  return Date.parse(timestamp!) - 1000 * time_s!
}

/** A prover whose phases are all the same trivial command. */
export async function writeTrivialProver(root: string, dir: string): Promise<string> {
  const path = join(dir, 'trivial.ts')
  await mkdir(dir, { recursive: true })
  await writeFile(
    path,
    `import { commandProver } from ${JSON.stringify(join(root, 'src/prover/command-prover.ts'))}
const phase = { cmd: ['true'] } as const
export default commandProver({
  name: 'trivial', version: '1', phases: { compile: phase, witness: phase, prove: phase, verify: phase },
})
`,
  )
  return path
}
