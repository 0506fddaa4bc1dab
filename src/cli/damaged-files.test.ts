import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { runCommands } from '../../fixtures/gate-command.ts'
import { type GateRowsOptions, makeGateRows } from '../../fixtures/gate-rows.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeBaselineRows } from '../../fixtures/collect-rows.ts'
import { formatRow } from '../row/write.ts'
import type { Row } from '../row/schema.ts'

// Every test starts a process, on machines that are busy with other work.
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

/** A folder with files of these contents, and a function that runs commands in it. */
async function folderWith(files: Record<string, string>) {
  const dir = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  const run = (...calls: string[][]) => runCommands(calls, dir)
  return { dir, run, read: (name: string) => readFileSync(join(dir, name), 'utf8') }
}

const BUDGET = ['--budget', 'time_s@prove=+100%']

describe('a damaged baseline lets nothing pass', { timeout: SLOW }, () => {
  test('markers, cut and unreadable lines', async () => {
    const names = Object.keys(MERGED)
    const files = Object.fromEntries(Object.values(MERGED).map((base, i) => [`${i}.jsonl`, base]))
    const { run } = await folderWith({ 'now.jsonl': SAME, ...files })
    const calls = names.map((_, i) => ['gate', 'now.jsonl', '--baseline', `${i}.jsonl`, ...BUDGET])
    const ends = (await run(...calls)).map(({ exitCode, stderr }, i) => [
      names[i],
      exitCode,
      stderr.split('\n')[0]!.replaceAll(/\d+/g, 'N'),
    ])
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
    const [end] = await run(['gate', 'now.jsonl', '--baseline', 'base.jsonl', ...BUDGET])
    const { exitCode, stderr } = end!
    expect(exitCode).toBe(2)
    expect(stderr).toContain('ROWS_CONFLICT: the baseline base.jsonl holds two histories')
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
    const gate = (base: string) => ['gate', 'now.jsonl', '--baseline', base, ...BUDGET]
    expect(await run(gate('one.jsonl'), gate('two.jsonl'))).toMatchObject([
      { exitCode: 1 },
      { exitCode: 2, stderr: expect.stringContaining('ROWS_CONFLICT') },
    ])
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
    const gate = (name: string) => [
      'gate',
      'now.jsonl',
      '--baseline',
      `git:HEAD:${name}.jsonl`,
      '--allow-missing',
      ...BUDGET,
    ]
    expect(await run(gate('good'), gate('conflict'), gate('union'))).toMatchObject([
      { exitCode: 0 },
      {
        exitCode: 2,
        stderr: expect.stringContaining('ROWS_UNREADABLE: the baseline git:HEAD:conflict.jsonl is damaged'),
      },
      { exitCode: 2, stderr: expect.stringContaining('ROWS_CONFLICT') },
    ])
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
  const gate = (now: string, base: string) => ['gate', now, '--baseline', base, ...BUDGET]
  const calls = ['base.jsonl', 'turned.jsonl'].flatMap((base) => [
    gate('here.jsonl', base),
    gate('there.jsonl', base),
  ])
  const regression = { exitCode: 1, stdout: expect.stringContaining('REGRESSION') }
  expect(await run(...calls)).toMatchObject([{ exitCode: 0 }, regression, { exitCode: 0 }, regression])
})

describe('damaged results do not pass', { timeout: SLOW }, () => {
  test('a line that is no row ends with 2, a regression beside it with 1', async () => {
    const { run } = await folderWith({
      'good.jsonl': SAME,
      'torn.jsonl': SAME + SAME.slice(0, 200),
      'slow.jsonl': `${NOW}[]\n`,
      'base.jsonl': MAIN,
    })
    const gate = (now: string) => ['gate', now, '--baseline', 'base.jsonl', '--json', ...BUDGET]
    const [good, torn, slow, after, before] = await run(
      gate('good.jsonl'),
      gate('torn.jsonl'),
      gate('slow.jsonl'),
      ['compare', 'good.jsonl', 'torn.jsonl'],
      ['compare', 'torn.jsonl', 'good.jsonl'],
    )
    expect(good).toMatchObject({ exitCode: 0 })
    expect(torn!.exitCode).toBe(2)
    expect(torn!.stderr).toContain('torn.jsonl:41: ROWS_UNREADABLE: the last line is torn')
    expect(JSON.parse(torn!.stdout)).toMatchObject({ exit_code: 2, notes: ['1 unreadable line left out'] })
    expect(slow).toMatchObject({ exitCode: 1 })
    expect([after!.exitCode, before!.exitCode]).toEqual([2, 2])
  })

  test('both sides of a merge are never judged together', async () => {
    const conflict = `<<<<<<< HEAD\n${SAME}=======\n${NOW}>>>>>>> branch\n`
    const { run } = await folderWith({
      'conflict.jsonl': conflict,
      'base.jsonl': MAIN,
      'union.jsonl': MAIN + OTHER,
    })
    const refused = { exitCode: 2, stderr: expect.stringContaining('both sides of a merge') }
    const noticed = {
      exitCode: 2,
      stderr: expect.stringContaining("3 unreadable lines left out, git's conflict markers among them"),
    }
    expect(
      await run(
        ['gate', 'conflict.jsonl', '--baseline', 'base.jsonl'],
        ['compare', 'base.jsonl', 'conflict.jsonl'],
        ['compare', 'union.jsonl', 'base.jsonl'],
        ['summary', 'conflict.jsonl'],
        ['report', 'conflict.jsonl'],
      ),
    ).toMatchObject([
      refused,
      refused,
      { exitCode: 2, stderr: expect.stringContaining('ROWS_CONFLICT') },
      noticed,
      noticed,
    ])
  })
})

describe('baseline update', { timeout: SLOW }, () => {
  const update = (out: string) => ['baseline', 'update', 'now.jsonl', '--out', out]

  test('measured again, both sides of a merge give way, and it says that the markers are dropped', async () => {
    const { run, read } = await folderWith({
      'now.jsonl': SAME,
      'base.jsonl': MERGED['markers of a merge'] + baselineOf({ depths: [2] }),
    })
    expect(await run(update('base.jsonl'))).toEqual([
      {
        exitCode: 0,
        stderr:
          'base.jsonl: two histories were merged, and both give way to this run\n' +
          "base.jsonl: git's conflict markers dropped (lines 1, 6, 11)",
        stdout:
          'base.jsonl: 4 phases written, 1 run; 4 that were not measured again kept (--prune drops them)',
      },
    ])
    expect(read('base.jsonl').split('\n')).toHaveLength(9)
  })

  test('of what was not measured again, sides of a merge and damaged lines are refused, and nothing is written', async () => {
    const bases: [string, string, RegExp][] = [
      [MAIN + OTHER, 'ROWS_CONFLICT', /merge/],
      [MERGED['markers of diff3'], 'ROWS_CONFLICT', /merge/],
      [`${MAIN}oops\n`, 'ROWS_UNREADABLE', /base2.jsonl:5[^]*--prune/],
    ]
    const files = bases.flatMap(([base], i) => [
      [`base${i}.jsonl`, base],
      [`pruned${i}.jsonl`, base],
    ])
    const now = linesOf(makeGateRows({ depths: [2], run_id: 'now' }))
    const { run, read } = await folderWith({ 'now.jsonl': now, ...Object.fromEntries(files) })
    const refused = await run(...bases.map((_, i) => update(`base${i}.jsonl`)))
    const pruned = await run(...bases.map((_, i) => [...update(`pruned${i}.jsonl`), '--prune']))
    for (const [i, [base, code, why]] of bases.entries()) {
      expect([refused[i]!.exitCode, refused[i]!.stderr.split(':')[0]]).toEqual([2, code])
      expect(refused[i]!.stderr).toMatch(why)
      expect(read(`base${i}.jsonl`)).toBe(base)
      expect(pruned[i]).toMatchObject({ exitCode: 0 })
      expect(read(`pruned${i}.jsonl`).split('\n')).toHaveLength(5)
    }
  })

  test('no baseline is made of damaged results', async () => {
    const { run, read } = await folderWith({ 'now.jsonl': `${SAME}{"phase":"pro`, 'base.jsonl': MAIN })
    expect(await run(update('base.jsonl'))).toMatchObject([
      {
        exitCode: 2,
        stderr: expect.stringContaining('ROWS_UNREADABLE: no baseline is made of damaged results'),
      },
    ])
    expect(read('base.jsonl')).toBe(MAIN)
  })
})
