import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'

const PLUGIN = fileURLToPath(new URL('../plugin.ts', import.meta.url))
const TINY = ['--depth-max', '3', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

/** Settings that a project may have for its unit tests. */
const CONFIG = `import { provemark } from ${JSON.stringify(PLUGIN)}
export default {
  plugins: [provemark()],
  test: {
    benchmark: { include: ['bench/**/*.bench.ts'] },
    sequence: { shuffle: true, concurrent: true, seed: 7, hooks: 'parallel' },
    retry: 2,
    maxConcurrency: 20,
  },
}
`

test(
  'phases run in their order, whatever the config of the project shuffles, retries or runs at once',
  { timeout: 120_000 },
  async () => {
    const dir = await temporaryFolder()
    const config = join(dir, 'vitest.config.mjs')
    writeFileSync(config, CONFIG)
    const flags = ['--prover', './fixtures/provers/toy.ts,fail=verify', '--iterations', '2', ...TINY]
    const args = ['depth', '--config', config, '--root', '.', '--sequence.shuffle.tests']
    const { rows, exitCode } = await runBench(dir, args, flags)
    expect(rows.map(({ point, phase, iteration }) => `${point!.slice(0, 8)} ${phase} ${iteration}`)).toEqual(
      ['depth_d1', 'depth_d2', 'depth_d3'].flatMap((point) =>
        ['compile', 'witness', 'prove', 'verify'].flatMap((phase) =>
          [1, 2].map((iteration) => `${point} ${phase} ${iteration}`),
        ),
      ),
    )
    // Neither the retry setting nor a failure makes a phase run again.
    expect(new Set(rows.map(({ phase, status }) => `${phase} ${status}`))).toEqual(
      new Set(['compile ok', 'witness ok', 'prove ok', 'verify failed']),
    )
    expect(exitCode).toBe(1)
  },
)
