import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }

interface Workflow {
  permissions: Record<string, string>
  jobs: Record<
    string,
    {
      needs?: string
      if?: string
      permissions?: Record<string, string>
      steps: { uses?: string; run?: string }[]
    }
  >
}

const FOLDER = join(import.meta.dirname, '../../.github/workflows')
const readWorkflow = (name: string) => parse(readFileSync(join(FOLDER, name), 'utf8')) as Workflow
const release = readWorkflow('release.yml')
const commandsOf = (job: string) => release.jobs[job]!.steps.flatMap(({ run }) => run ?? [])
const runRelease = (...args: string[]) =>
  execa('node', ['scripts/release.ts', ...args], { reject: false, preferLocal: true })

test('actions of others are pinned by commit, and no job may do more than it needs', () => {
  for (const name of readdirSync(FOLDER)) {
    const { jobs, permissions } = readWorkflow(name)
    expect(permissions).toEqual({ contents: 'read' })
    const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
    expect(used.length).toBeGreaterThan(1)
    for (const uses of used) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
  }
  const rights = Object.values(release.jobs).map((job) => job.permissions)
  expect(rights).toEqual([undefined, undefined, { contents: 'write', 'id-token': 'write' }])
})

test('what is published was tested, packed and tried before, and only for a tag', () => {
  expect(release.jobs['pack']!.needs).toBe('test')
  expect(release.jobs['publish']).toMatchObject({ needs: 'pack', if: "github.event_name == 'push'" })
  expect(commandsOf('test')).toEqual(['npm ci', 'npm test', 'npm run test:all'])
  expect(commandsOf('pack').slice(1)).toEqual([
    'node scripts/release.ts pack',
    'node scripts/release.ts publish --dry-run',
  ])
  expect(commandsOf('publish').slice(1, 3)).toEqual([
    'node scripts/release.ts notes "${GITHUB_REF_NAME}" > notes.md',
    'node scripts/release.ts publish',
  ])
  expect(packageJson.publishConfig).toEqual({ access: 'public', provenance: true })
})

test('the notes of a release are those of its version, and no other tag is released', async () => {
  const { stdout, exitCode } = await runRelease('notes', `v${packageJson.version}`)
  expect(exitCode).toBe(0)
  expect(stdout).not.toMatch(/^## /m)
  expect(stdout.length).toBeGreaterThan(20)
  const other = await runRelease('notes', 'v99.0.0')
  expect(other.exitCode).toBe(1)
  expect(other.stderr).toContain(`expected the tag v${packageJson.version} of package.json, given v99.0.0`)
  expect((await runRelease('publsh')).exitCode).toBe(2)
})
