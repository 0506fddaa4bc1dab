import { expect, test } from 'vitest'
import {
  configOf,
  makeProject,
  plainBench,
  readResults,
  runVitest,
  TOY,
  trackOf,
} from '../../fixtures/make-project.ts'
import type { Row } from '../row/schema.ts'

const toy = (more = '') => `{ iterations: 1, provers: ['${TOY}'], ${more} }`
const projects = (list: string) =>
  `import { defineConfig } from 'vitest/config'\nexport default defineConfig({ test: { projects: [${list}] } })\n`
const outline = (rows: Row[]) => rows.map(({ point, phase, status }) => `${point} ${phase} ${status}`)
const PHASES = ['compile', 'witness', 'prove', 'verify']

test('each package of a workspace runs by its own config, in one run with files and cards of its own', async () => {
  const dir = await makeProject({
    'vitest.config.ts': projects("'packages/*'"),
    'packages/one/package.json': '{"name":"one","type":"module"}',
    'packages/one/vitest.config.ts': configOf(
      toy("tag: 'x', gate: { budgets: [{ metric: 'time_s', max: 1000 }] }"),
    ),
    'packages/one/bench/lenet.bench.ts': trackOf('lenet'),
    'packages/two/package.json': '{"name":"two","type":"module"}',
    'packages/two/vite.config.ts': configOf(
      toy('tracks: { depth: { depth_max: 1, input_hw: 8, conv_out_ch: 2, fc_hidden: 4 } }'),
    ),
    'packages/two/bench/nested/lenet.bench.ts': trackOf('lenet'),
    'packages/two/bench/depth.bench.ts': trackOf('depth'),
    'packages/three/package.json': '{"name":"three","type":"module"}',
    'packages/three/vitest.config.ts': 'export default {}\n',
    'packages/three/bench/plain.bench.ts': plainBench('plain three'),
  })
  const both = await runVitest(dir, 'bench')
  expect(both.output).toMatch(/project one\nlenet_x · track lenet/)
  expect(both.output).toMatch(/project two\nrun [\w-]+ · 2 points · 8 rows ok/)
  expect(both.output).toContain('plain three')
  expect(both.exitCode).toBe(0)
  const one = await readResults(dir, 'packages/one/benchmarking/lenet.jsonl')
  const two = await readResults(dir, 'packages/two/benchmarking/lenet.jsonl')
  const depth = await readResults(dir, 'packages/two/benchmarking/depth_sweep.jsonl')
  expect(outline(one)).toEqual(PHASES.map((phase) => `lenet_x ${phase} ok`))
  expect(outline(two)).toEqual(PHASES.map((phase) => `lenet ${phase} ok`))
  expect(depth).toHaveLength(4)
  expect(new Set([...one, ...two, ...depth].map(({ run_id }) => run_id)).size).toBe(1)

  // A flag known to one project is not an error for the other, and a folder filter belongs to Vitest.
  const flags = ['--depth-max', '2', '--budget', 'one.jsonl']
  const flagged = await runVitest(dir, 'bench', '--project', 'two*', '--', ...flags.slice(0, 2), '--dry-run')
  expect(flagged.output).toMatch(/depth: 2 points/)
  expect(flagged.exitCode).toBe(0)
  const dry = await runVitest(dir, 'bench', '--', '--depth-max', '2', '--sweep', 'depth,lenet', '--dry-run')
  expect(dry.output).toMatch(/project one: lenet: 1 point/)
  expect(dry.output).toMatch(/project two: [^]*depth: 2 points/)
  const filtered = await runVitest(dir, 'bench', 'packages/one', '--', '--points', 'lenet_x', '--dry-run')
  expect(filtered.output).toContain('lenet_x')
  expect(filtered.output).not.toContain('depth')
  const wrong = await runVitest(dir, 'bench', '--', '--depth-maxx', '2', '--points', 'nope')
  expect(wrong.output).toMatch(
    /1 problem[^]*--depth-maxx: expected a known flag \(did you mean --depth-max\?\)/,
  )
  expect(wrong.exitCode).toBe(2)
})

test('a plugin in the root config runs in every project that inherits it, under what the project says itself', async () => {
  const root = configOf(
    toy("tag: 'root', tracks: { depth: { depth_max: 1, input_hw: 8, conv_out_ch: 2, fc_hidden: 4 } }"),
    `projects: [
      { extends: true, test: { name: 'a', root: './a' } },
      { extends: true, plugins: [provemark({ tag: 'own', tracks: { depth: { input_hw: 6 } } })], test: { name: 'b', root: './b' } },
      { extends: true, test: { name: 'unit', include: ['**/*.test.ts'] } },
    ]`,
  )
  const dir = await makeProject({
    'vitest.config.ts': root,
    'a/bench/lenet.bench.ts': trackOf('lenet'),
    'b/bench/depth.bench.ts': trackOf('depth'),
    'mine.test.ts': "import { expect, test } from 'vitest'\ntest('mine', () => expect(1).toBe(1))\n",
  })
  const locked = await runVitest(dir, 'bench', '--', '--lock', 'refuse')
  // Another run may hold this machine, but never this one itself.
  expect(locked.output).not.toContain(`in ${dir}`)
  const run = locked.output.includes('RUN_LOCKED') ? await runVitest(dir, 'bench') : locked
  expect(run.exitCode).toBe(0)
  expect(outline(await readResults(dir, 'a/benchmarking/lenet.jsonl'))).toEqual(
    PHASES.map((phase) => `lenet_root ${phase} ok`),
  )
  const depth = await readResults(dir, 'b/benchmarking/depth_sweep.jsonl')
  expect(depth.map(({ point }) => point)).toEqual(Array(4).fill('depth_d1_c1_p1_f1_r2_own'))
  expect(depth[0]).toMatchObject({ params: { input_hw: 6, conv_out_ch: 2 } })
  const units = await runVitest(dir, 'run')
  expect(units.output).toMatch(/Tests +1 passed/)
  expect(units.exitCode).toBe(0)
})

test('projects of one folder measure its tracks once', async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(
      toy(),
      "projects: [{ extends: true, test: { name: 'a' } }, { extends: true, test: { name: 'b' } }]",
    ),
    'bench/lenet.bench.ts': trackOf('lenet'),
  })
  const { exitCode } = await runVitest(dir, 'bench')
  expect(await readResults(dir, 'benchmarking/lenet.jsonl')).toHaveLength(4)
  expect(exitCode).toBe(0)
})
