import { availableParallelism } from 'node:os'
import { configDefaults, mergeConfig } from 'vitest/config'
import benchConfig from './vitest.bench.config.ts'

// `vitest bench` without --config reads this file, so it includes the benchmark config.
export default mergeConfig(benchConfig, {
  test: {
    include: ['{src,reporters,bench,fixtures,scripts}/**/*.test.ts'],
    // Run by `npm run test:all`.
    exclude: [...configDefaults.exclude, '**/*.all.test.ts'],
    watch: false,
    // Most tests wait for processes that they started, so one worker per core would leave cores idle.
    maxWorkers: availableParallelism() + 1,
    // Most tests start real processes, whose speed depends on the machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // CI machines are shared. A test that passes on the second try is reported as flaky, not hidden.
    retry: process.env['CI'] ? 1 : 0,
  },
})
