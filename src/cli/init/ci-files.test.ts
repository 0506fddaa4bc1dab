import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseDocument } from 'yaml'

const EXAMPLES = join(import.meta.dirname, '../../../examples')
const readExample = (name: string) => readFile(join(EXAMPLES, name), 'utf8')

interface GithubStep {
  uses?: string
  run?: string
}

test('the GitHub workflow: shards of one run, merged and judged whatever a shard did, no write access', async () => {
  const text = await readExample('github-actions.yml')
  expect(parseDocument(text, { strict: true }).errors).toEqual([])
  const { permissions, jobs } = parse(text)
  expect(permissions).toEqual({ contents: 'read' })
  expect(Object.keys(jobs)).toEqual(['bench', 'gate', 'compare', 'audit'])
  expect(jobs.bench.strategy).toEqual({ 'fail-fast': false, matrix: { shard: [1, 2, 3, 4] } })
  expect(jobs.gate).toMatchObject({ needs: 'bench', if: '${{ !cancelled() }}' })
  const steps = Object.values<{ steps: GithubStep[] }>(jobs).flatMap((job) => job.steps)
  for (const step of steps) expect([step.run, step.uses].filter(Boolean)).toHaveLength(1)
  const uses = steps.flatMap((step) => step.uses ?? [])
  expect(uses.filter((name) => !/^[\w-]+\/[\w-]+@v\d+$/.test(name))).toEqual([])
  // A branch's name may hold anything that a shell understands.
  expect(text).not.toMatch(/run:(?:(?!\n {6}- )[^])*github\.base_ref[^]*?env:/)
  // One job downloads what the other uploads.
  expect(text).toContain('name: shard-${{ matrix.shard }}')
  expect(text).toContain('pattern: shard-*')
})

test('the GitLab jobs: as many shards as runners, a gate in a stage behind them, its JUnit report', async () => {
  const text = await readExample('gitlab-ci.yml')
  expect(parseDocument(text, { strict: true }).errors).toEqual([])
  const jobs = parse(text)
  const bench = jobs['provemark:bench']
  const gate = jobs['provemark:gate']
  expect(bench).toMatchObject({ parallel: 4, allow_failure: true, stage: 'bench' })
  expect(bench.script[0]).toContain('--shard=$CI_NODE_INDEX/$CI_NODE_TOTAL')
  expect(bench.script[0]).not.toContain('\n')
  expect(bench.artifacts).toMatchObject({ when: 'always', paths: ['blobs'] })
  expect(gate).toMatchObject({ stage: 'gate', artifacts: { reports: { junit: 'gate.xml' } } })
  expect(jobs.stages.indexOf(gate.stage)).toBeGreaterThan(jobs.stages.indexOf(bench.stage))
  for (const name of ['provemark:bench', 'provemark:gate', 'provemark:compare', 'provemark:audit'])
    expect(jobs[jobs[name].extends].before_script).toContain('npm ci')
})
