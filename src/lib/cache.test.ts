import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'

test('what Node compiles is kept for the next run, and no prover hears of it', async () => {
  const dir = await temporaryFolder()
  const prover = join(dir, 'env.ts')
  const script = 'echo cache: ${NODE_COMPILE_CACHE:-none}; exit 3'
  await writeFile(
    prover,
    `import { commandProver } from ${JSON.stringify(join(import.meta.dirname, '../prover/command-prover.ts'))}
     const shell = { cmd: ['/bin/sh', '-c', ${JSON.stringify(script)}] } as const
     export default commandProver({
       name: 'env', version: '1', phases: { compile: shell, witness: shell, prove: shell, verify: shell },
     })`,
  )
  const flags = ['--points', 'lenet', '--iterations', '1', '--prover', prover]
  const { rows } = await runBench(dir, [], flags)
  expect(rows[0]?.error?.tail).toBe('cache: none')
})
