import { defineConfig } from 'vitest/config'
import { provemark } from './src/plugin.ts'

export default defineConfig({
  plugins: [provemark()],
  test: { benchmark: { include: ['bench/**/*.bench.ts'] } },
})
