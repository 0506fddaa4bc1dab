import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { against, makeFiles, provemark, runCommands } from '../../fixtures/gate-command.ts'
import { makeGateRows, writeRows } from '../../fixtures/gate-rows.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { reportSchema } from '../gate/verdict.ts'
import type { Row } from '../row/schema.ts'

// Every test starts the command as a process, on machines that are busy with other work.
vi.setConfig({ testTimeout: 300_000 })

const REFERENCE = fileURLToPath(new URL('../../fixtures/rows/reference.jsonl', import.meta.url))

test('prints findings first, worst at the top, and ends with 1 for a regression', async () => {
  const own = await makeFiles({ slower: { prove: 4 }, counters: { totalCost: 2001, numMul: 70 } })
  const { stdout, exitCode } = await provemark(
    against(own, '--budget', 'time_s@prove=+10%', '--budget', 'ecc.totalCost=0%', '--budget', 'mem_mb=4096'),
  )
  expect(exitCode).toBe(1)
  const rows = stdout.split('\n').filter((line) => /REGRESSION|finding/.test(line))
  expect(rows[0]).toMatch(
    /REGRESSION │ time_s .*│ depth_d\d │ prove .*│ +\+\d+ % │ +\+.* to \+.* % │ +\+10% │/,
  )
  expect(rows[2]).toMatch(/REGRESSION │ ecc.totalCost .*│ +2,000 │ +2,001 │ +\+1 │/)
  expect(stdout.split('\n').at(-1)).toEqual(
    expect.stringMatching(/^gate: 4 regression, 4 finding, \d+ ok; 2 tests share alpha 0\.01; exit code 1$/),
  )
})

test('a run without a change ends with 0, and says what it judged', async () => {
  const { stdout, exitCode } = await provemark(
    against(await makeFiles(), '--budget', 'time_s=+100%', '--budget', 'mem_mb=+100%'),
  )
  expect(stdout).toMatch(/^gate: \d+ ok; 16 tests share alpha 0\.01; exit code 0$/m)
  expect(exitCode).toBe(0)
})

test('files with the line ends of Windows are judged alike', async () => {
  const own = await makeFiles({ counters: { totalCost: 2001, numMul: 70 } })
  for (const path of [own.now, own.base])
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'))
  const { stdout, exitCode } = await provemark(against(own, '--budget', 'ecc.totalCost=0%'))
  expect(stdout).toMatch(/^gate: 2 regression, 4 finding, \d+ ok; exit code 1$/m)
  expect(exitCode).toBe(1)
})

test('nothing is ever passed in silence: each way to judge nothing ends with 2 and its own message', async () => {
  const own = await makeFiles()
  const empty = join(own.dir, 'empty.jsonl')
  writeFileSync(empty, '')
  const other = writeRows(join(own.dir, 'other.jsonl'), makeGateRows({ depths: [9] }))
  const budget = ['--budget', 'time_s=+10%']
  const cases: [string[], RegExp][] = [
    [['gate'], /NO_ROWS: no results file was named/],
    [['gate', empty, ...budget], /NO_ROWS: no row in .*empty\.jsonl/],
    [['gate', own.now, empty, '--baseline', own.base, ...budget], /NO_ROWS: no row in [^,]*empty\.jsonl$/m],
    [['gate', join(own.dir, 'none.jsonl'), ...budget], /ROWS_UNREADABLE: .*there is no such file/],
    [['gate', own.now], /CONFIG_INVALID: there is nothing to judge against/],
    [['gate', own.now, ...budget], /no baseline was given/],
    [
      ['gate', own.now, '--baseline', 'none.jsonl', ...budget],
      /BASELINE_MISSING: there is no baseline none\.jsonl/,
    ],
    [['gate', own.now, '--baseline', empty, ...budget], /holds no row of a phase that succeeded/],
    [['gate', own.now, '--baseline', own.now, ...budget], /holds no run other than the one to judge/],
    [['gate', own.now, '--baseline', other, ...budget], /it has no row in the baseline/],
    [
      ['gate', own.now, '--baseline', own.base, '--budget', 'ecc.totlCost=0%'],
      /did you mean ecc\.totalCost\?/,
    ],
    [['gate', own.now, '--baseline', own.base, '--budget', 'time_s@proof=0%'], /did you mean prove\?/],
    [
      ['gate', own.now, '--baselin', own.base],
      /--baselin: expected a known flag \(did you mean --baseline\?\)/,
    ],
    [['gate', own.now, '--run', 'no-such', ...budget], /no row of run no-such/],
  ]
  const ended = await runCommands(
    cases.map(([args]) => args),
    own.dir,
  )
  for (const [i, [args, message]] of cases.entries()) {
    expect([args.join(' '), `${ended[i]!.stdout}\n${ended[i]!.stderr}`]).toEqual([
      args.join(' '),
      expect.stringMatching(message),
    ])
    expect([args.join(' '), ended[i]!.exitCode]).toEqual([args.join(' '), 2])
  }
})

test('--allow-missing passes a first run, and still judges what needs no baseline', async () => {
  const { dir, now } = await makeFiles()
  const flags = ['--baseline', 'none.jsonl', '--allow-missing', '--budget', 'time_s=+10%']
  const empty = join(dir, 'empty.jsonl')
  writeFileSync(empty, '')
  const commit = ['--baseline', 'git:no-such-branch', ...flags.slice(2)]
  expect(
    await runCommands(
      [
        ['gate', now, ...flags],
        ['gate', now, ...flags, '--budget', 'mem_mb=10'],
        ['gate', now, ...commit],
        ['gate', now, empty, ...flags],
      ],
      process.cwd(),
    ),
  ).toMatchObject([
    { exitCode: 0, stdout: expect.stringContaining('there is no baseline none.jsonl') },
    { exitCode: 1 },
    { exitCode: 0, stdout: expect.stringContaining('git has no commit no-such-branch') },
    { exitCode: 0 },
  ])
})

test('rows of jst bench are judged, with a note of what neither side recorded', async () => {
  const dir = await temporaryFolder()
  const rows = readFileSync(REFERENCE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
  const repeat = (change: (row: Row, i: number) => Partial<Row>) =>
    rows.flatMap((row) =>
      Array.from({ length: 6 }, (_, i) => ({
        ...row,
        iteration: i + 1,
        time_s: row.time_s! * (1 + i / 100),
        ...change(row, i),
      })),
    )
  const base = writeRows(
    join(dir, 'base.jsonl'),
    repeat(() => ({})),
  )
  const slow = (row: Row, i: number) =>
    row.phase === 'prove' ? { time_s: 20 * row.time_s! * (1 + i / 100) } : {}
  const now = writeRows(join(dir, 'now.jsonl'), repeat(slow))
  const { stdout, exitCode } = await provemark(['gate', now, '--baseline', base, '--budget', 'time_s=+10%'])
  expect(stdout).toMatch(/REGRESSION +│ time_s │ depth_d1_c1_p1_f1_r2 │ prove/)
  expect(stdout).toContain('neither side recorded CPU, cores')
  expect(exitCode).toBe(1)
})

test('environment variables stand in for flags, and flags win', async () => {
  const own = await makeFiles({ slower: { prove: 4 } })
  const env = { PROVEMARK_BASELINE: own.base, PROVEMARK_BUDGET: 'time_s=+10%' }
  expect((await provemark(['gate', own.now], env)).exitCode).toBe(1)
  expect((await provemark(['gate', own.now, '--budget', 'time_s@prove=+900%'], env)).exitCode).toBe(0)
})

test('baseline update takes the last run, sorted and small, and the gate takes it as it is', async () => {
  const dir = await temporaryFolder()
  const rows = join(dir, 'benchmarking/depth_sweep.jsonl')
  writeRows(rows, makeGateRows({ run_id: 'old', counters: { totalCost: 1 } }))
  writeRows(rows, makeGateRows({ run_id: 'last' }))
  const update = await provemark(['baseline', 'update'], {}, dir)
  expect(update.stdout).toContain('bench/baseline.jsonl: 8 phases written')
  const baseline = join(dir, 'bench/baseline.jsonl')
  const first = readFileSync(baseline, 'utf8')
  expect(
    first
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Row).ecc?.['totalCost']),
  ).toContain(2000)
  await provemark(['baseline', 'update'], {}, dir)
  expect(readFileSync(baseline, 'utf8')).toBe(first)
  const gate = await provemark(['gate', rows, '--baseline', baseline, '--budget', 'time_s=+100%'], {}, dir)
  expect(gate.stdout).toContain('the baseline was made from this run itself')
  expect(gate.exitCode).toBe(0)

  writeRows(rows, makeGateRows({ run_id: 'partial', depths: [2], counters: { totalCost: 3 } }))
  expect((await provemark(['baseline', 'update'], {}, dir)).stdout).toContain(
    '4 that were not measured again kept',
  )
  const costs = () => readFileSync(baseline, 'utf8').match(/"totalCost":\d+/g)
  expect(costs()).toEqual(['"totalCost":2000', '"totalCost":2000', '"totalCost":3'])
  await provemark(['baseline', 'update', '--prune'], {}, dir)
  expect(costs()).toEqual(['"totalCost":3'])
  const nothing = await provemark(
    ['baseline', 'update', join(dir, 'bench/baseline.jsonl'), '--out', 'x.jsonl', '--run', 'no'],
    {},
    dir,
  )
  expect([nothing.exitCode, existsSync(join(dir, 'x.jsonl'))]).toEqual([2, false])
})

test('five updates: cross-run verdicts detect more than with one run, and a doubtful run is refused', async () => {
  const dir = await temporaryFolder()
  const rows = join(dir, 'benchmarking/rows.jsonl')
  const update = async (run_id: string, options: Parameters<typeof makeGateRows>[0], ...flags: string[]) => {
    writeRows(rows, makeGateRows({ depths: [1], run_id, ...options }))
    return provemark(['baseline', 'update', ...flags], {}, dir)
  }
  const detectable = async () => {
    const now = writeRows(join(dir, 'now.jsonl'), makeGateRows({ depths: [1], run_id: 'now', seed: 9 }))
    const flags = ['--baseline', 'bench/baseline.jsonl', '--budget', 'time_s@prove=+5%', '--json']
    const { stdout } = await provemark(['gate', now, ...flags], {}, dir)
    const [check] = reportSchema.parse(JSON.parse(stdout)).checks
    return check!.verdict === 'inconclusive' ? check!.detectable! : 0
  }
  const found: number[] = []
  for (let i = 1; i <= 5; i++) {
    expect(await update(`run-${i}`, { seed: i })).toMatchObject({ exitCode: 0 })
    if (i === 1 || i === 5) found.push(await detectable())
  }
  expect(found[1]).toBeLessThan(0.9 * found[0]!)
  const baseline = () => readFileSync(join(dir, 'bench/baseline.jsonl'), 'utf8')
  const before = baseline()
  const slow = { slower: { prove: 3 } }
  const refused = await update('slow', slow)
  expect(refused.stderr).toMatch(/BASELINE_DOUBTFUL: [^]*time_s@prove at depth_d1.*REGRESSION[^]*--replace/)
  expect([refused.exitCode, baseline()]).toEqual([2, before])
  const disturbed = await update('disturbed', { with: { disturbed: 0.4 } })
  expect(disturbed.stderr).toContain('others disturbed prove of depth_d1')
  expect((await update('slow', slow, '--accept')).stdout).toContain('6 runs')
  expect((await update('slow', slow, '--replace')).stdout).toContain('4 phases written, 1 run')
})

test('times of a run that others disturbed are inconclusive, its CPU time is not', async () => {
  const cpu = { cpu_user_s: 1, cpu_sys_s: 0 }
  const now = { depths: [1], slower: { prove: 4 }, with: { ...cpu, disturbed: 0.5 } }
  const own = await makeFiles(now, { depths: [1], with: { ...cpu, disturbed: 0 } })
  const flags = ['--budget', 'time_s@prove=+10%', '--budget', 'cpu_s@prove=+50%']
  const { stdout, exitCode } = await provemark(against(own, ...flags))
  expect(stdout).toContain('others held it up for 50 % of its time')
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/1 inconclusive, \d+ ok/)])
  // Rows of 0.1.0 tell it by the CPU time that stayed.
  const before = await makeFiles({ ...now, with: cpu }, { depths: [1], with: cpu })
  const old = await provemark(against(before, ...flags))
  expect(old.stdout).toContain('wall clock : CPU time went from 4.')
  expect(old.exitCode).toBe(0)
})
