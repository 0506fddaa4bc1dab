import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { provemark } from '../../fixtures/gate-command.ts'
import { type GateRowsOptions, makeGateRows } from '../../fixtures/gate-rows.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeBaselineRows } from '../gate/baseline-rows.ts'
import { formatRow } from '../row/jsonl.ts'
import type { Row } from '../row/schema.ts'

// Every test starts the command as a process, on machines that do other things too.
const SLOW = 60_000

const linesOf = (rows: readonly Row[]) => rows.map(formatRow).join('')
const baselineOf = (options: GateRowsOptions) => linesOf(makeBaselineRows(makeGateRows(options)))

const MAIN = baselineOf({ depths: [1] })
const OTHER = baselineOf({ depths: [1], seed: 3, slower: { prove: 3 } })
const NOW = linesOf(makeGateRows({ depths: [1], seed: 2, run_id: 'now', slower: { prove: 2.9 } }))
const SAME = linesOf(makeGateRows({ depths: [1], seed: 2, run_id: 'now' }))

const MERGED = {
  'markers of a merge': `<<<<<<< HEAD\n${MAIN}=======\n${OTHER}>>>>>>> branch\n`,
  'markers of diff3': `<<<<<<< HEAD\n${MAIN}||||||| 1234567\n${MAIN}=======\n${OTHER}>>>>>>> branch\n`,
  'markers and CRLF': `<<<<<<< HEAD\n${MAIN}=======\n${OTHER}>>>>>>> branch\n`.replaceAll('\n', '\r\n'),
  'one marker that was left': `${MAIN}>>>>>>> branch\n`,
  'a last line that is cut off': MAIN + OTHER.slice(0, OTHER.length / 8),
  'JSON that is no row': `${MAIN}{"phase":"prove","time_s":"4"}\n`,
  'what is no JSON': `${MAIN}oops\n`,
}

/** A folder with files of these contents, and the command run in it. */
async function folderWith(files: Record<string, string>) {
  const dir = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  const run = (...args: string[]) => provemark(args, {}, dir)
  return { dir, run, read: (name: string) => readFileSync(join(dir, name), 'utf8') }
}

const BUDGET = ['--budget', 'time_s@prove=+10%']

describe('a damaged baseline lets nothing pass', { timeout: SLOW }, () => {
  test('markers, cut and unreadable lines', async () => {
    const names = Object.keys(MERGED)
    const files = Object.fromEntries(Object.values(MERGED).map((base, i) => [`${i}.jsonl`, base]))
    const { run } = await folderWith({ 'now.jsonl': SAME, ...files })
    const ends = await Promise.all(
      names.map(async (name, i) => {
        const { exitCode, stderr } = await run('gate', 'now.jsonl', '--baseline', `${i}.jsonl`, ...BUDGET)
        return [name, exitCode, stderr.split('\n')[0]!.replaceAll(/\d+/g, 'N')]
      }),
    )
    const damaged = (what: string) => `ROWS_UNREADABLE: the baseline N.jsonl is damaged: ${what}`
    expect(ends).toEqual(
      names.map((name) => [
        name,
        2,
        expect.stringContaining(damaged(name.startsWith('markers') ? 'N lines' : 'a line')),
      ]),
    )
  })

  test('both sides of a merge without markers', async () => {
    const { run } = await folderWith({ 'now.jsonl': NOW, 'base.jsonl': MAIN + OTHER })
    const { exitCode, stderr } = await run('gate', 'now.jsonl', '--baseline', 'base.jsonl', ...BUDGET)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('ROWS_CONFLICT: the baseline base.jsonl holds twice')
    expect(stderr).toContain('depth_d1 prove fixture')
    expect(stderr).toContain('keep the lines of one side of the merge')
  })

  test('rows of two runs that no id tells apart', async () => {
    const nameless = (seed: number) =>
      linesOf(makeGateRows({ depths: [1], seed, n: 6 })).replaceAll('"run_id":"run-1"', '"run_id":null')
    const { run } = await folderWith({
      'now.jsonl': NOW,
      'one.jsonl': nameless(1),
      'two.jsonl': nameless(1) + nameless(3),
    })
    const gate = (base: string) => run('gate', 'now.jsonl', '--baseline', base, ...BUDGET)
    expect(await gate('one.jsonl')).toMatchObject({ exitCode: 1 })
    expect(await gate('two.jsonl')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ROWS_CONFLICT'),
    })
  })

  test('in a commit', async () => {
    const { dir, run } = await folderWith({
      'now.jsonl': SAME,
      'conflict.jsonl': MERGED['markers of a merge'],
      'union.jsonl': MAIN + OTHER,
      'good.jsonl': `\uFEFF${MAIN}`,
    })
    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: dir })
    await git('init', '--quiet')
    await git('add', '.')
    await git('commit', '--quiet', '-m', 'baselines')
    const gate = (name: string) =>
      run('gate', 'now.jsonl', '--baseline', `git:HEAD:${name}.jsonl`, '--allow-missing', ...BUDGET)
    expect(await gate('good')).toMatchObject({ exitCode: 0 })
    expect(await gate('conflict')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ROWS_UNREADABLE: the baseline git:HEAD:conflict.jsonl is damaged'),
    })
    expect(await gate('union')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ROWS_CONFLICT'),
    })
  })
})

test('a baseline of two machines is good, and each is judged by its own', { timeout: SLOW }, async () => {
  const machine = { cpu: 'Other 9', cores: 4, mem_mb: 8000 }
  const fast = baselineOf({ depths: [1], seed: 3, slower: { prove: 0.3 }, with: { machine } })
  const { run } = await folderWith({
    'here.jsonl': SAME,
    'there.jsonl': SAME.replaceAll(/"machine":\{[^}]*\}/g, `"machine":${JSON.stringify(machine)}`),
    'base.jsonl': fast + MAIN,
    'turned.jsonl': MAIN + fast,
  })
  for (const base of ['base.jsonl', 'turned.jsonl']) {
    expect(await run('gate', 'here.jsonl', '--baseline', base, ...BUDGET)).toMatchObject({ exitCode: 0 })
    const there = await run('gate', 'there.jsonl', '--baseline', base, ...BUDGET)
    expect(there).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('REGRESSION') })
  }
})

describe('damaged results do not pass', { timeout: SLOW }, () => {
  test('a line that is no row ends with 2, a regression beside it with 1', async () => {
    const { run } = await folderWith({
      'good.jsonl': SAME,
      'torn.jsonl': SAME + SAME.slice(0, 200),
      'slow.jsonl': `${NOW}[]\n`,
      'base.jsonl': MAIN,
    })
    const gate = (now: string) => run('gate', now, '--baseline', 'base.jsonl', '--json', ...BUDGET)
    expect(await gate('good.jsonl')).toMatchObject({ exitCode: 0 })
    const torn = await gate('torn.jsonl')
    expect(torn.exitCode).toBe(2)
    expect(torn.stderr).toContain('torn.jsonl:41: ROWS_UNREADABLE: the last line is torn')
    expect(JSON.parse(torn.stdout)).toMatchObject({ exit_code: 2, notes: ['1 unreadable line left out'] })
    expect(await gate('slow.jsonl')).toMatchObject({ exitCode: 1 })
    expect(await run('compare', 'good.jsonl', 'torn.jsonl')).toMatchObject({ exitCode: 2 })
    expect(await run('compare', 'torn.jsonl', 'good.jsonl')).toMatchObject({ exitCode: 2 })
  })

  test('both sides of a merge are never judged together', async () => {
    const conflict = `<<<<<<< HEAD\n${SAME}=======\n${NOW}>>>>>>> branch\n`
    const { run } = await folderWith({
      'conflict.jsonl': conflict,
      'base.jsonl': MAIN,
      'union.jsonl': MAIN + OTHER,
    })
    const refused = { exitCode: 2, stderr: expect.stringContaining('both sides of a merge') }
    expect(await run('gate', 'conflict.jsonl', '--baseline', 'base.jsonl')).toMatchObject(refused)
    expect(await run('compare', 'base.jsonl', 'conflict.jsonl')).toMatchObject(refused)
    expect(await run('compare', 'union.jsonl', 'base.jsonl')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ROWS_CONFLICT'),
    })
    for (const command of ['summary', 'report']) {
      expect(await run(command, 'conflict.jsonl')).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("3 unreadable lines left out, git's conflict markers among them"),
      })
    }
  })
})

describe('baseline update', { timeout: SLOW }, () => {
  const update = ['baseline', 'update', 'now.jsonl', '--out', 'base.jsonl']

  test('measured again, both sides of a merge give way, and it says that the markers are dropped', async () => {
    const { run, read } = await folderWith({
      'now.jsonl': SAME,
      'base.jsonl': MERGED['markers of a merge'] + baselineOf({ depths: [2] }),
    })
    const { exitCode, stdout, stderr } = await run(...update)
    expect([exitCode, stderr]).toEqual([0, "base.jsonl: git's conflict markers dropped (lines 1, 6, 11)"])
    expect(stdout).toBe(
      'base.jsonl: 4 phases written, 4 that were not measured again kept (--prune drops them)',
    )
    expect(read('base.jsonl').split('\n')).toHaveLength(9)
  })

  test.each([
    ['of what was not measured again two sides are there', MAIN + OTHER, 'ROWS_CONFLICT', /merge/],
    ['with markers', MERGED['markers of diff3'], 'ROWS_CONFLICT', /merge/],
    ['a line is damaged', `${MAIN}oops\n`, 'ROWS_UNREADABLE', /base.jsonl:5[^]*--prune/],
  ])('where %s it refuses and writes nothing', async (_, base, code, why) => {
    const other = linesOf(makeGateRows({ depths: [2], run_id: 'now' }))
    const { run, read } = await folderWith({ 'now.jsonl': other, 'base.jsonl': base })
    const { exitCode, stderr } = await run(...update)
    expect([exitCode, stderr.split(':')[0]]).toEqual([2, code])
    expect(stderr).toMatch(why)
    expect(read('base.jsonl')).toBe(base)
    expect(await run(...update, '--prune')).toMatchObject({ exitCode: 0 })
    expect(read('base.jsonl').split('\n')).toHaveLength(5)
  })

  test('no baseline is made of damaged results', async () => {
    const { run, read } = await folderWith({ 'now.jsonl': `${SAME}{"phase":"pro`, 'base.jsonl': MAIN })
    expect(await run(...update)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ROWS_UNREADABLE: no baseline is made of damaged results'),
    })
    expect(read('base.jsonl')).toBe(MAIN)
  })
})
