import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { cacheDir } from '../lib/cache.ts'

const COMMAND_PROVER = fileURLToPath(new URL('../prover/command-prover.ts', import.meta.url))
const LENET = fileURLToPath(new URL('../../fixtures/lenet.onnx', import.meta.url))

test('a script that changed compiles anew, is another prover in the rows, and does not go on with an old run', async () => {
  const dir = await temporaryFolder()
  const cache = join(dir, 'cache')
  mkdirSync(cache)
  if (existsSync(cacheDir('bin'))) symlinkSync(cacheDir('bin'), join(cache, 'bin'))
  const script = join(dir, 'wrap.sh')
  const write = (version: string) =>
    writeFileSync(
      script,
      `case $1 in compile) echo "made by ${version}" > "$3";; verify) cat "$2";; *) cp "$2" "$3";; esac\n`,
    )
  const command = (...words: string[]) => JSON.stringify(['sh', script, ...words])
  const prover = join(dir, 'wrap.mjs')
  writeFileSync(
    prover,
    `import { commandProver } from ${JSON.stringify(COMMAND_PROVER)}
export default commandProver({
  name: 'wrap', version: '1.0', keep: /made by/,
  phases: {
    compile: { cmd: ${command('compile', '{model}', '{circuit}')}, artifacts: { circuit: { file: 'c.txt' } } },
    witness: { cmd: ${command('witness', '{input}', '{witness}')}, artifacts: { witness: { file: 'w.json' } } },
    prove: { cmd: ${command('prove', '{circuit}', '{proof}')}, artifacts: { proof: { file: 'p.txt' } } },
    verify: { cmd: ${command('verify', '{proof}')} },
  },
  counters: ['none'], time: (output) => output.includes('OLD') ? 1 : 2,
})
`,
  )
  const bench = async (flags: string[] = []) => {
    const env = { PROVEMARK_CIRCUIT_CACHE_MB: '64', PROVEMARK_CACHE: cache }
    const own = ['--model', LENET, '--prover', prover, ...flags]
    const { all, exitCode } = await startBench(dir, ['models', '-t', 'verify'], own, { env })
    return { output: String(all), exitCode, rows: await readRowsOf(dir) }
  }
  write('OLD')
  const old = await bench()
  expect([old.exitCode, old.rows.at(-1)?.time_s_rust]).toEqual([0, 1])
  write('NEW')
  const now = await bench()
  expect(now.output).not.toContain('from the cache')
  expect([now.exitCode, now.rows.at(-1)?.time_s_rust]).toEqual([0, 2])
  expect(now.rows.at(-1)!.prover!.sha256).not.toBe(now.rows[0]!.prover!.sha256)

  write('NEWER')
  const resumed = await bench(['--resume'])
  expect(resumed.exitCode).toBe(2)
  expect(resumed.output).toContain('PLAN_CHANGED')
  expect(resumed.rows).toHaveLength(now.rows.length)
})
