import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, test, vi } from 'vitest'
import { makeGateRows, writeRows } from '../../fixtures/gate-rows.ts'
import { readRowsOf, temporaryFolder } from '../../fixtures/run-bench.ts'
import { reportSchema } from '../gate/verdict.ts'
import command from './compare.ts'
import { readCall } from './command.ts'

// Both sides run in Vitest, on machines that are busy with other work.
vi.setConfig({ testTimeout: 300_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const TOY = join(ROOT, 'fixtures/provers/toy.ts')

const compare = (args: string[], cwd = ROOT) =>
  execa(process.execPath, [CLI, 'compare', ...args], {
    cwd,
    all: true,
    reject: false,
    env: { PROVEMARK_ASCII: '0', NO_COLOR: '1', FORCE_COLOR: undefined, PROVEMARK_LOCK: 'off' },
  })

/** Flags of a small run that keeps its files in a folder and does not mistake load from other tests for a change. */
const small = (dir: string) =>
  [
    '--depth-max 1 --input-hw 8 --conv-out-ch 2 --fc-hidden 4 --floors time_s=0.7,mem_mb=30',
    `--onnx-dir ${dir}/onnx --inputs-dir ${dir}/inputs --work-dir ${dir}/work --results ${dir}/rows.jsonl`,
  ].flatMap((flags) => flags.split(' '))

describe('live', () => {
  test('runs both sides in turns and judges the second against the first', async () => {
    const dir = await temporaryFolder()
    const sides = ['--a', TOY, '--b', `${TOY},sleep_ms=1500,sleep_in=verify,cost=1001`]
    const { exitCode, stdout, stderr } = await compare([
      ...sides,
      'depth',
      '--iterations',
      '6',
      ...small(dir),
      '--json',
    ])
    expect(stderr).toMatch(/│ limit +│( would find │)?\n/)
    const report = reportSchema.parse(JSON.parse(stdout))
    const failed = report.checks.filter(({ verdict }) => verdict === 'regression')
    expect(failed.map(({ metric, phase }) => `${metric} ${phase}`).toSorted()).toEqual([
      'ecc.totalCost compile',
      'time_s verify',
    ])
    expect(failed[0]).toMatchObject({ baseline: { n: 6 }, now: { n: 6 }, interval: { confidence: 0.95 } })
    expect(exitCode).toBe(1)
    const rows = await readRowsOf(dir)
    const turns = rows
      .filter(({ phase }) => phase === 'prove')
      .map(({ side, iteration }) => `${side}${iteration}`)
    expect(turns.join(' ')).toBe('a1 b1 a2 b2 a3 b3 a4 b4 a5 b5 a6 b6')

    const again = await compare([join(dir, 'rows.jsonl'), '--floors', 'time_s=0.7,mem_mb=30', '--json'])
    expect(JSON.parse(again.stdout).counts).toEqual(report.counts)
    expect(again.exitCode).toBe(1)
  })

  test('two numbers of threads of one prover, as the documents show it', async () => {
    const dir = await temporaryFolder()
    const sides = ['--a', 'gnark', '--b', 'gnark,threads=1']
    const { all } = await compare([...sides, 'depth', '--iterations', '5', ...small(dir)])
    expect(all).toContain('gnark,threads=1')
    const rows = await readRowsOf(dir)
    expect(rows).toHaveLength(2 * 4 * 5)
    for (const { side, settings, cmd } of rows) {
      expect(settings?.['threads']).toBe(side === 'b' ? 1 : undefined)
      expect(cmd!.includes('--threads=1')).toBe(side === 'b')
    }
  })

  test('builds two git refs, each in a checkout of its own, and leaves the repository alone', async () => {
    const dir = await temporaryFolder()
    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: dir })
    await git('init', '--quiet', '--initial-branch=main')
    mkdirSync(join(dir, 'src'))
    copyFileSync(join(ROOT, 'fixtures/provers/toy.mjs'), join(dir, 'src/toy.mjs'))
    await git('add', '.')
    await git('commit', '--quiet', '-m', 'first')
    const source = readFileSync(join(dir, 'src/toy.mjs'), 'utf8')
    writeFileSync(join(dir, 'src/toy.mjs'), source.replace('settings.cost ?? 1000', 'settings.cost ?? 1001'))
    await git('commit', '--quiet', '-am', 'dearer')
    for (const [name, text] of Object.entries(PROJECT)) writeFileSync(join(dir, name), text)
    const side = (ref: string) => `${TOY},ref=${ref},bin=built/toy.mjs`
    const build = 'mkdir built && cp src/toy.mjs built/ && chmod +x built/toy.mjs'
    const { all, exitCode } = await compare(
      ['--a', side('HEAD~1'), '--b', side('main'), '--build', build, '--iterations', '6', ...small(dir)],
      dir,
    )
    expect(all).toMatch(/REGRESSION │ ecc\.totalCost .* 2,000 │ +2,002 │ +\+2/)
    expect(exitCode).toBe(1)
    expect((await git('worktree', 'list')).stdout.trim().split('\n')).toHaveLength(1)
    expect((await git('status', '--porcelain', '--untracked-files=no')).stdout).toBe('')

    const broken = await compare(['--a', side('HEAD~1'), '--b', side('main'), '--build', 'exit 3'], dir)
    expect(broken.all).toContain('BUILD_FAILED: the build of HEAD~1 ended with exit code 3: exit 3')
    const unknown = await compare(['--a', side('no-such'), '--b', side('main')], dir)
    expect(unknown.all).toContain('BUILD_FAILED: cannot check out no-such')
    const binless = await compare(['--a', `${TOY},ref=main`, '--b', TOY], dir)
    expect(binless.all).toContain('expected ref=GIT_REF and bin=PATH')
    expect([broken.exitCode, unknown.exitCode, binless.exitCode]).toEqual([2, 2, 2])
  })

  test('--until-decided adds pairs until every budget is decided, as one run that can be judged again', async () => {
    const dir = await temporaryFolder()
    const flags = [
      'depth',
      ...small(dir),
      '--budget',
      'time_s@prove=+30%',
      '--budget',
      'ecc.totalCost=0%',
      '--json',
    ]
    const sides = ['--a', TOY, '--b', `${TOY},sleep_ms=1500,sleep_in=prove`]
    const { exitCode, stdout, stderr } = await compare([...sides, '--until-decided', '10m', ...flags])
    expect(stderr).toContain('round 1 of at most 6: 10 more pairs')
    const report = reportSchema.parse(JSON.parse(stdout))
    expect(report.checks[0]).toMatchObject({
      metric: 'time_s',
      verdict: 'regression',
      interval: { of: 'pairs' },
    })
    expect(exitCode).toBe(1)
    const rows = await readRowsOf(dir)
    expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(1)
    expect(Math.max(...rows.map(({ iteration }) => iteration!)) % 10).toBe(0)

    // A limit of nothing is never decided between two sides alike: it ends with its time.
    const none = [...flags.slice(0, -5), '--floors', 'time_s=0,mem_mb=0', '--budget', 'time_s@prove=0%']
    const alike = await compare(['--a', TOY, '--b', TOY, '--until-decided', '20s', ...none])
    expect(alike.all).toMatch(/inconclusive │ time_s/)
    expect(alike.exitCode).toBe(2)
    for (const wrong of ['10', '0m', 'soon']) {
      const refused = await compare([...sides, '--until-decided', wrong, ...flags])
      expect([refused.exitCode, refused.all]).toEqual([2, expect.stringContaining('expected a duration')])
    }
  })
})

/** A project whose only track is the built-in depth. */
const PROJECT = {
  'package.json': '{ "type": "module" }\n',
  'vitest.config.ts': `import { provemark } from ${JSON.stringify(join(ROOT, 'src/plugin.ts'))}
export default { plugins: [provemark()], test: { benchmark: { include: ['*.bench.ts'] } } }
`,
  'depth.bench.ts': `import { defineTrack, depthTrack } from ${JSON.stringify(join(ROOT, 'src/index.ts'))}
defineTrack(depthTrack)
`,
}

describe('files', () => {
  test('judges the second against the first, and shows what is ok too', async () => {
    const dir = await temporaryFolder()
    const a = writeRows(join(dir, 'a.jsonl'), makeGateRows({ run_id: 'a' }))
    const b = writeRows(join(dir, 'b.jsonl'), makeGateRows({ run_id: 'b', seed: 2, slower: { prove: 4 } }))
    const { all, exitCode } = await compare([a, b])
    expect(all).toMatch(/REGRESSION +│ time_s .*│ depth_d1 │ prove .*\+5%/)
    expect(all).toMatch(/│ inconclusive +│ mem_mb .*│ depth_d2 │ verify/)
    expect(exitCode).toBe(1)
    expect((await compare([a, b, '--budget', 'time_s=+900%'])).exitCode).toBe(0)
    expect((await compare([b, a])).all).toMatch(/improved +│ time_s/)
  })

  test('the same results of another machine are not comparable', async () => {
    const dir = await temporaryFolder()
    const a = writeRows(join(dir, 'a.jsonl'), makeGateRows({ run_id: 'a' }))
    const machine = { cpu: 'Other 9', cores: 8, mem_mb: 16_000 }
    const b = writeRows(join(dir, 'b.jsonl'), makeGateRows({ run_id: 'b', seed: 2, with: { machine } }))
    const { stdout, exitCode } = await compare([a, b, '--json'])
    expect(JSON.parse(stdout).counts).toMatchObject({ not_comparable: 16 })
    expect(exitCode).toBe(0)
  })

  test('what cannot be compared ends with 2', async () => {
    const dir = await temporaryFolder()
    const a = writeRows(join(dir, 'a.jsonl'), makeGateRows())
    const cases: [string[], string][] = [
      [[], 'nothing was named to compare'],
      [[a], 'does not hold the two sides of a comparison'],
      [[a, a, a], '3 files were named'],
      [['--a', TOY], '--b is missing'],
      [[a, a, '--budgt', 'x'], '--budgt: expected a known flag (did you mean --budget?)'],
    ]
    const ended = await Promise.all(cases.map(async ([args]) => compare(args)))
    expect(ended.map(({ all }) => all)).toEqual(cases.map(([, message]) => expect.stringContaining(message)))
    expect(ended.map(({ exitCode }) => exitCode)).toEqual(cases.map(() => 2))
  })
})

test('flags that are not its own are handed on, in order', () => {
  const args = [
    '--a',
    'x,y=1',
    'depth',
    '--b=z',
    'lenet',
    '--depth-max',
    '2',
    '--build',
    'make all',
    '--json',
  ]
  expect(readCall(command, args)).toEqual({
    options: { a: 'x,y=1', b: 'z', build: 'make all' },
    operands: ['depth', 'lenet'],
    rest: ['--depth-max', '2', '--json'],
  })
})
