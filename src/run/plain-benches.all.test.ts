import { expect, test } from 'vitest'
import {
  configOf,
  makeProject,
  plainBench,
  readResults,
  runVitest,
  TOY,
  trackOf,
  writeFiles,
} from '../../fixtures/make-project.ts'

const FAILS = "throw new Error('boom')"

test('benches that are not ours keep their exit code, and ours is not theirs', async () => {
  const dir = await makeProject({
    // A gate whose baseline is missing, which must not affect a plain bench.
    'vitest.config.ts': configOf(
      `{ iterations: 1, provers: ['${TOY}'], gate: { baseline: 'none.jsonl', budgets: [{ metric: 'ecc.totalCost', max: '0%' }] } }`,
      'globals: true',
    ),
    'bench/lenet.bench.ts': trackOf('lenet'),
    'bench/plain.bench.ts': plainBench('plain'),
  })
  const plain = await runVitest(dir, 'bench', 'plain')
  expect(plain.output).toMatch(/Tests +1 passed/)
  expect(plain.output).not.toMatch(/NO_ROWS|BASELINE_MISSING/)
  expect(plain.exitCode).toBe(0)
  const named = await runVitest(dir, 'bench', '-t', 'plain', '--', '--allow-missing')
  expect(named.output).not.toContain('NO_ROWS')
  expect(named.exitCode).toBe(0)
  const nothing = await runVitest(dir, 'bench', '-t', 'nothing', '--', '--allow-missing')
  expect(nothing.output).toContain('NO_ROWS')
  expect(nothing.exitCode).toBe(2)
  const stray = await runVitest(dir, 'bench', 'plain', '--', '--depth-max', '4')
  expect(stray.output).toContain('CONFIG_INVALID')
  expect(stray.exitCode).toBe(2)
  // A track that fails to load does not stop other benches.
  await writeFiles(dir, { 'bench/lenet.bench.ts': `${trackOf('lenet')}\nthrow new Error('broken')\n` })
  expect((await runVitest(dir, 'bench', 'plain')).exitCode).toBe(0)
  await writeFiles(dir, {
    'bench/plain.bench.ts': plainBench('plain', FAILS),
    'bench/lenet.bench.ts': trackOf('lenet'),
  })
  expect((await runVitest(dir, 'bench', 'plain')).exitCode).toBe(1)
  const both = await runVitest(dir, 'bench', '--', '--allow-missing')
  expect(await readResults(dir, 'benchmarking/lenet.jsonl')).toHaveLength(4)
  expect(both.exitCode).toBe(1)
})

test("a project's own config skips the tracks of the config beside it, and refuses those that have none", async () => {
  const dir = await makeProject({
    'vitest.config.ts': 'export default {}\n',
    'vitest.bench.config.ts': configOf(
      `{ iterations: 1, provers: ['${TOY}'] }`,
      "benchmark: { include: ['bench/lenet.bench.ts'] }",
    ),
    'bench/lenet.bench.ts': trackOf('lenet'),
    'bench/plain.bench.ts': plainBench('plain'),
  })
  const own = await runVitest(dir, 'bench')
  expect(own.output).toMatch(/Tests +1 passed \| 1 skipped/)
  expect(own.exitCode).toBe(0)
  const verbose = await runVitest(dir, 'bench', '--reporter=verbose')
  expect(verbose.output).toContain('runs with --config vitest.bench.config.ts')
  const ours = await runVitest(dir, 'bench', '--config', 'vitest.bench.config.ts')
  expect(ours.output).not.toContain('plain')
  expect(ours.exitCode).toBe(0)
  expect(await readResults(dir, 'benchmarking/lenet.jsonl')).toHaveLength(4)
  await writeFiles(dir, { 'vitest.bench.config.ts': 'export default {}\n' })
  const without = await runVitest(dir, 'bench', 'lenet')
  expect(without.output).toContain(
    "track lenet: provemark's plugin is not in the Vitest config of this file's project",
  )
  expect(without.exitCode).toBe(1)
})

test('a schema of another zod is refused by name, in a track and in a prover', async () => {
  const track = (from: string, params: string) =>
    `import { defineTrack } from 'provemark'\nimport { z } from '${from}'\ndefineTrack({ name: 'mine', params: ${params}, points: () => [] })\n`
  const dir = await makeProject({
    'vitest.config.ts': configOf(`{ provers: ['${TOY}'] }`),
    'bench/mine.bench.ts': track('zod/v3', 'z.object({ width: z.number() })'),
    'old.ts': `import { z } from 'zod/v3'\nexport default { name: 'old', phases: {}, locate() {}, read() {}, options: z.object({}) }\n`,
  })
  const old = await runVitest(dir, 'bench')
  expect(old.output).toMatch(
    /CONFIG_INVALID: \S*mine\.bench\.ts: track mine: params: expected a zod 4 object schema, z\.object\(\{ … \}\), given a schema of zod 3\n +next: npm i -D zod@4/,
  )
  expect(old.exitCode).toBe(2)
  await writeFiles(dir, { 'bench/mine.bench.ts': track('zod', 'z.string()') })
  expect((await runVitest(dir, 'bench')).output).toContain('given a schema of type string')
  await writeFiles(dir, { 'bench/mine.bench.ts': track('zod', 'z.object({})') })
  const prover = await runVitest(dir, 'bench', '--', '--prover', './old.ts')
  expect(prover.output).toMatch(
    /options of the prover \.\/old\.ts: expected a zod 4 object schema[^]*given a schema of zod 3/,
  )
  expect(prover.exitCode).toBe(2)
})
