import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test, vi } from 'vitest'
import { type GateRowsOptions, makeGateRows, writeRows } from '../../fixtures/gate-rows.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'

vi.setConfig({ testTimeout: 120_000 })

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

/** Judges a run in which prove takes twice as long as in its baseline. */
async function gate(
  options: GateRowsOptions,
  flags: (dir: string) => string[],
  env: (dir: string) => Record<string, string> = () => ({}),
) {
  const dir = await temporaryFolder()
  const slow = makeGateRows({ seed: 2, run_id: 'now', slower: { prove: 2 }, ...options })
  const now = writeRows(join(dir, 'now.jsonl'), slow)
  const base = writeRows(join(dir, 'base.jsonl'), makeGateRows({ ...options, run_id: 'base' }))
  const args = ['gate', now, '--baseline', base, '--budget', 'time_s=+10%', ...flags(dir)]
  const ended = await execa(process.execPath, [CLI, ...args], {
    reject: false,
    env: { NO_COLOR: '1', GITHUB_ACTIONS: '', ...env(dir) },
  })
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  return { ...ended, read }
}

test('under GitHub Actions it annotates and writes a step summary', async () => {
  const { stderr, read } = await gate(
    { depths: [1], with: { point: 'd1 | 50%\n::error::x' } },
    () => [],
    (dir) => ({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(dir, 'summary.md') }),
  )
  const annotations = stderr.split('\n').filter((line) => line.startsWith('::'))
  expect(annotations[0]).toMatch(
    /^::error title=provemark%3A REGRESSION of time_s of prove at d1 \| 50%25%0A%3A%3Aerror.*::time_s of prove/,
  )
  expect(annotations).toHaveLength(1)
  expect(read('summary.md')).toMatch(/^\| REGRESSION \| time&#95;s \| d1 &#124; 50% ::error::x \| prove \|/m)
})

test('--markdown writes a comment that is short, plain and calls nobody, whatever the rows hold', async () => {
  const depths = Array.from({ length: 60 }, (_, i) => i + 1)
  const point = `@octocat <!-- [x](javascript:1) ${'#'.repeat(300)}`
  const { exitCode, read } = await gate({ depths, with: { point } }, (dir) => [
    '--markdown',
    join(dir, 'out/comment.md'),
  ])
  expect(exitCode).toBe(1)
  const text = read('out/comment.md')
  expect(text).toMatch(/^## provemark gate\n\n60 regression/)
  expect(text.match(/^\| REGRESSION /gm)).toHaveLength(25)
  expect(text).toContain('\nand 35 more\n')
  expect(text).not.toMatch(/@octocat|<|\]\(/)
  expect(text.length).toBeLessThan(65_536)
})
