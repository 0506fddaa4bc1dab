import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Benchmark, Context } from '../benchmark.ts'
import { runMeasured, takeTurns } from '../processes.ts'
import { runBench, spawnedMs } from '../vitest-run.ts'

const LIMIT_S = 0.4

/** From the command to the first process of a prover, compared with a benchmark that does nothing. */
export const start: Benchmark = {
  name: 'start',
  what: 'npx vitest bench, from the command to the spawn of the first phase',
  against: 'npx vitest bench with one trivial bench',
  async run(context) {
    const project = await makeTrivialProject(context)
    const samples = await takeTurns(
      context.quick ? 3 : 15,
      () => timeToSpawnS(context),
      () => timeToBenchS(project),
    )
    return [
      {
        what: 'start',
        unit: 's',
        ...samples,
        commands: {
          ours: 'npx vitest bench -- --points lenet (embedded prover, all tracks discovered)',
          other: 'npx vitest bench (one file, one bench that notes the time)',
        },
        by: 'difference',
        limit: LIMIT_S,
      },
    ]
  },
}

/** The compile is ended as soon as it runs, and the run with it, which is a failure with exit code 1. */
async function timeToSpawnS(context: Context): Promise<number> {
  const flags = ['--points', 'lenet', '--iterations', '1', '--timeout-s', 'compile=0.001']
  const { startedMs, rows } = await runBench(context, flags, [1])
  return (spawnedMs(rows[0]!) - startedMs) / 1000
}

async function timeToBenchS(project: string): Promise<number> {
  const startedMs = Date.now()
  await runMeasured({ file: 'npx', args: ['vitest', 'bench'], cwd: project })
  const noted = await readFile(join(project, 'noted'), 'utf8')
  await rm(join(project, 'noted'))
  return (Number(noted) - startedMs) / 1000
}

async function makeTrivialProject({ root, dir }: Context): Promise<string> {
  const project = join(dir, 'trivial-project')
  await mkdir(project)
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'))
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await writeFile(
    join(project, 'vitest.config.ts'),
    `import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { watch: false, benchmark: { include: ['*.bench.ts'] } } })
`,
  )
  await writeFile(
    join(project, 'trivial.bench.ts'),
    `import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
test('trivial', async ({ bench }) => {
  const note = () => writeFileSync('noted', String(Date.now()))
  await bench('trivial', note).run({ iterations: 1, time: 0, warmup: false })
})
`,
  )
  return project
}
