import { defineConfig } from 'tsdown'
import { copyRuntime } from './scripts/copy-runtime.ts'
import { writeNotices, writeReportAssets } from './scripts/report-client.ts'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    plugin: 'src/plugin.ts',
    'run/set-up': 'src/run/set-up.ts',
    worker: 'src/worker.ts',
    'fold-worker': 'src/fold-worker.ts',
    'reference/process': 'src/reference/process.ts',
    'prover/in-process': 'src/prover/in-process.ts',
    cli: 'src/cli.ts',
    reporters: 'reporters/index.ts',
    'reporters/plugin': 'reporters/plugin.ts',
    prover: 'src/prover/index.ts',
    model: 'src/model/index.ts',
    conformance: 'src/conformance/index.ts',
  },
  platform: 'node',
  target: 'node22',
  dts: true,
  fixedExtension: false,
  tsconfig: 'tsconfig.build.json',
  hooks: {
    async 'build:done'({ chunks }) {
      await writeReportAssets()
      copyRuntime()
      writeNotices(chunks.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : [])))
    },
  },
})
