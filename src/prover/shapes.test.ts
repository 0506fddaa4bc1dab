import { expect, test } from 'vitest'
import { configOf, makeProject, readResults, runVitest, trackOf } from '../../fixtures/make-project.ts'

const LONG = { timeout: 120_000 }

const SETTINGS = `{ provers: ['./prover.ts'], iterations: 2, tracks: { depth: { depth_max: 1, input_hw: 8, conv_out_ch: 2, fc_hidden: 4 } } }`

test('a phase that a prover lacks has no row, no figure and no column', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(SETTINGS),
    'depth.bench.ts': trackOf('depth'),
    'prover.ts': `import { commandProver } from 'provemark/prover'
export default commandProver({
  name: 'two',
  version: '1.0',
  phases: {
    prove: {
      cmd: ['node', '-e', "require('fs').writeFileSync(process.argv[2], 'x'); console.log('gates=5')", '{model}', '{proof}'],
      artifacts: { proof: { file: 'proof.bin' } },
    },
    verify: { cmd: ['node', '-e', "process.exit(Number(require('fs').readFileSync(process.argv[1], 'utf8') !== 'x'))", '{proof}'] },
  },
  counters: ['gates'],
  totalCost: 'gates',
})
`,
  })
  const dry = await runVitest(dir, 'bench', '--', '--dry-run')
  expect(dry.output).toContain('iterations: prove 2, verify 2\n')
  const { exitCode, output } = await runVitest(dir, 'bench')
  const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  expect(rows.map(({ phase, iteration, status }) => `${phase} ${iteration} ${status}`)).toEqual([
    'prove 1 ok',
    'prove 2 ok',
    'verify 1 ok',
    'verify 2 ok',
  ])
  // The first phase reports the counters.
  const counters = { gates: 5, totalCost: 5 }
  expect(rows.map(({ ecc }) => ecc)).toEqual([counters, counters, {}, {}])
  expect(rows.flatMap(({ warnings }) => warnings ?? [])).toEqual([])
  expect(output).toContain('prove (s)')
  expect(output).not.toMatch(/compile|witness/)
  expect(exitCode).toBe(0)
})
