import { availableParallelism } from 'node:os'
import { mergeConfig } from 'vitest/config'
import benchConfig from '../../vitest.bench.config.ts'

/** Tests only in `npm run test:all`: they install packages, cover several versions of Node, or take minutes. */
export default mergeConfig(benchConfig, {
  test: {
    root: '.',
    include: ['{src,reporters,bench,fixtures,scripts,examples}/**/*.all.test.ts'],
    watch: false,
    maxWorkers: availableParallelism(),
    passWithNoTests: true,
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    retry: process.env['CI'] ? 1 : 0,
  },
})
