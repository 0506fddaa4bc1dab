import { provemark } from 'provemark/plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    provemark({
      provers: ['./prover.ts'],
      iterations: { compile: 1, witness: 2, prove: 2, verify: 2 },
      controls: true,
      tracks: {
        workloads: {
          workload: ['circuits/dense8.circom', 'circuits/dense16.circom'],
          input: ['circuits/dense8.json', 'circuits/dense16.json'],
        },
      },
    }),
  ],
  test: { benchmark: { include: ['*.bench.ts'] } },
})
