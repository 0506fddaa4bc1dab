import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { makePackedProject } from '../fixtures/packed-project.ts'
import { temporaryFolder } from '../fixtures/run-bench.ts'
import { runGithubJob } from '../fixtures/run-workflow.ts'

test(
  'from init to a gate in CI, with the packed package: its commands and the steps of its workflow really run',
  { timeout: 600_000 },
  async () => {
    const own = "import { test } from 'vitest'\ntest('mine', () => {})\n"
    const project = await makePackedProject({
      'mine.test.ts': own,
      'vitest.config.ts': 'export default {}\n',
    })
    const npx = (...args: string[]) =>
      execa('npx', args, {
        cwd: project,
        reject: false,
        all: true,
        stdin: 'ignore',
        env: { NO_COLOR: '1', PROVEMARK_LOCK: 'off' },
      })

    const init = await npx('provemark', 'init', '--template', 'suite', '--ci', 'github')
    expect(init.all).toContain('wrote  vitest.bench.config.mjs')
    expect((await npx('vitest', 'run')).all).toContain('1 passed')

    const bench = ['vitest', 'bench', '--config', 'vitest.bench.config.mjs']
    const without = await npx(...bench)
    expect(without.all).toContain('BASELINE_MISSING')
    expect(without.exitCode).toBe(2)
    const first = await npx(...bench, '--', '--allow-missing')
    expect(first.exitCode).toBe(0)
    expect((await npx('provemark', 'baseline', 'update', '--accept')).all).toContain(
      'bench/baseline.jsonl: 12 phases written',
    )
    await execa('rm', ['-r', 'benchmarking'], { cwd: project })

    const workflow = await readFile(join(project, '.github/workflows/provemark.yml'), 'utf8')
    // Two machines instead of the template's one.
    const two = workflow.replace('shard: [1]', 'shard: [1, 2]')
    const runAll = async () => {
      const work = await temporaryFolder()
      const shards = [
        await runGithubJob(two, 'bench', { project, work, shard: 1 }),
        await runGithubJob(two, 'bench', { project, work, shard: 2 }),
      ]
      return { shards, gate: await runGithubJob(two, 'gate', { project, work }) }
    }
    const good = await runAll()
    expect(good.shards.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(good.shards[0]!.output).toMatch(/shard 1\/2: \d of 3 points, run github-4711-/)
    expect(good.gate.output).toMatch(/run github-4711-\w+ · 3 points · 30 rows ok/)
    expect(good.gate.exitCode).toBe(0)
    expect(await readFile(join(good.gate.dir, 'report.html'), 'utf8')).toContain('<title>')

    // The same points with more expensive circuits than the baseline's.
    const suite = join(project, 'bench/mine.bench.mjs')
    const text = await readFile(suite, 'utf8')
    await writeFile(suite, text.replace('generateCnn(params)', 'generateCnn({ ...params, fc_hidden: 24 })'))
    const dearer = await runAll()
    expect(dearer.gate.output).toMatch(/REGRESSION . ecc.totalCost/)
    expect(dearer.gate.exitCode).toBe(1)
  },
)
