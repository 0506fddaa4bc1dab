import { provemark } from 'provemark/plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [provemark({ provers: ['./prover.ts'], iterations: { prove: 2, verify: 2 }, controls: true })],
  test: { benchmark: { include: ['*.bench.ts'] } },
})
