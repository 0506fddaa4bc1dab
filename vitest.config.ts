import { availableParallelism } from 'node:os'
import { configDefaults, mergeConfig } from 'vitest/config'
import benchConfig from './vitest.bench.config.ts'

// `vitest bench` without --config reads this file, so the benchmarks' config is part of it.
export default mergeConfig(benchConfig, {
  test: {
    include: ['{src,reporters,bench,fixtures,scripts}/**/*.test.ts'],
    // `npm run test:all` has these.
    exclude: [...configDefaults.exclude, '**/*.all.test.ts'],
    watch: false,
    // Most tests wait for processes that they started, so one worker per core would leave cores idle.
    maxWorkers: availableParallelism() + 1,
    // Most tests start real processes; how long these take is the machine's matter.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // CI shares its machine: what passes at the second try is shown as flaky, not hidden.
    retry: process.env['CI'] ? 1 : 0,
  },
})
