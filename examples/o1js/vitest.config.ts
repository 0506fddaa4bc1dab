import { provemark } from 'provemark/plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    provemark({
      provers: ['./prover.ts'],
      iterations: 1,
      tracks: { models: { model: ['dense.onnx'] } },
    }),
  ],
  test: { benchmark: { include: ['*.bench.ts'] } },
})
