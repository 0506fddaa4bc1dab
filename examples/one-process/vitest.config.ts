import { provemark } from 'provemark/plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [provemark({ provers: ['./prover.ts'], iterations: { compile: 1, prove: 3, verify: 3 } })],
  test: { benchmark: { include: ['*.bench.ts'] } },
})
