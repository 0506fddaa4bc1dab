import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { makeGateRows, writeRows } from '../../fixtures/gate-rows.ts'
import { type BenchRun, runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeBaselineRows } from '../../fixtures/collect-rows.ts'
import { reportSchema } from '../gate/verdict.ts'

// Every test runs all of Vitest, on machines that are busy with other work.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const TOY = './fixtures/provers/toy.ts'
const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const POINT = 'depth_d1_c1_p1_f1_r2'
/** Enough for one test on each of four phases. */
const N = '6'

/** Other tests run at the same time; they slow a phase down by less than this. */
const PATIENT = ['--floors', 'time_s=0.7']

const dir = await mkdtemp(join(tmpdir(), 'provemark-gate-'))
let prepared: Promise<string> | undefined

/** The baseline of all tests, created by the first that needs it. */
function prepareBaseline(): Promise<string> {
  prepared ??= runBench(dir, ['depth'], ['--prover', TOY, '--iterations', N, ...TINY]).then(({ rows }) =>
    writeRows(join(dir, 'baseline.jsonl'), makeBaselineRows(rows)),
  )
  return prepared
}

afterAll(() => rm(dir, { recursive: true, force: true }))

interface Judged extends BenchRun {
  /** Lines of the gate's table that are not ok. */
  found: string[]
}

async function judged(
  prover: string,
  budgets: string[],
  more: string[] = [],
  filter: string[] = [],
): Promise<Judged> {
  const flags = ['--prover', prover, '--iterations', N, ...TINY, '--baseline', await prepareBaseline()]
  const own = budgets.flatMap((budget) => ['--budget', budget])
  const run = await runBench(await temporaryFolder(), ['depth', ...filter], [...flags, ...own, ...more])
  return {
    ...run,
    found: run.output
      .split('\n')
      .filter((line) => /│ (REGRESSION|over, warned|inconclusive|missing)/.test(line)),
  }
}

test('a prover that got slower ends the run with 1 and is named', async () => {
  // By its CPU time: on a busy machine the gate rightly says that it cannot judge the wall clock.
  const floors = ['--floors', 'time_s=0.2']
  const { exitCode, found } = await judged(`${TOY},sleep_ms=1500,sleep_in=prove`, ['cpu_s=+50%'], floors)
  expect(exitCode).toBe(1)
  expect(found).toEqual([expect.stringMatching(new RegExp(`REGRESSION │ cpu_s +│ ${POINT} │ prove `))])
})

test('a prover that got bigger ends the run with 1 and is named', async () => {
  const prover = `${TOY},allocate=witness,allocate_mb=300,sleep_ms=200`
  const { exitCode, found } = await judged(prover, ['mem_mb=+100%'])
  expect(exitCode).toBe(1)
  expect(found).toEqual([expect.stringMatching(new RegExp(`REGRESSION │ mem_mb │ ${POINT} │ witness `))])
})

test('a circuit that got dearer by one ends the run with 1 and is named', async () => {
  const { exitCode, found, output } = await judged(`${TOY},cost=1001`, ['ecc.totalCost=0%'])
  expect(exitCode).toBe(1)
  expect(found).toEqual([
    expect.stringMatching(new RegExp(`REGRESSION │ ecc.totalCost +│ ${POINT} │ compile .* 2,000 │ +2,002 `)),
  ])
  expect(output).toMatch(/finding +│ circuit_sha256/)
})

/** Consecutive runs without a change; `npm run test:long` does 50. */
const UNCHANGED_RUNS = Number(process.env['PROVEMARK_GATE_RUNS'] ?? 2)

test.each(Array.from({ length: UNCHANGED_RUNS }, (_, i) => i + 1))(
  'a run without a change ends with 0: %i',
  async () => {
    const budgets = ['time_s=+50%', 'mem_mb=+10%', 'ecc.totalCost=0%', 'circuit_size_bytes=0%', 'mem_mb=4096']
    const { exitCode, found, output } = await judged(TOY, budgets, PATIENT)
    // Times beside other programs are not judged: this test runs beside others.
    expect(found.filter((line) => !/inconclusive │ time_s/.test(line))).toEqual([])
    expect(output).toMatch(/^gate: (\d+ inconclusive, )?\d+ ok; 8 tests share alpha 0\.01; exit code 0/m)
    expect(exitCode).toBe(0)
  },
)

test('a warning does not fail the run; files for other tools are written', async () => {
  const out = await temporaryFolder()
  const [json, junit, bmf] = ['gate.json', 'junit.xml', 'bmf.json'].map((name) => join(out, name)) as [
    string,
    string,
    string,
  ]
  const files = ['--gate-json', json, '--junit', junit, '--bmf', bmf]
  const { exitCode, found, output } = await judged(`${TOY},cost=1001`, ['ecc.totalCost,level=warn=0%'], files)
  expect(found).toEqual([expect.stringMatching(/over, warned │ ecc\.totalCost/)])
  expect(output).toMatch(/^gate: 1 warned, \d+ finding, \d+ ok; exit code 0$/m)
  expect(exitCode).toBe(0)
  expect(reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')))).toMatchObject({
    exit_code: 0,
    counts: { regression: 1 },
  })
  expect(readFileSync(junit, 'utf8')).toContain('<testsuite name="provemark gate"')
  expect(JSON.parse(readFileSync(bmf, 'utf8'))[`depth/${POINT}/toy/compile`]['ecc.totalCost']).toMatchObject({
    value: 2002,
  })
})

test('a counter that the prover stopped printing ends the run with 2 and is named', async () => {
  const { exitCode, found } = await judged(`${TOY},silent=1`, ['ecc.totalCost=0%'])
  expect(found).toEqual(expect.arrayContaining([expect.stringMatching(/missing +│ ecc\.totalCost/)]))
  expect(exitCode).toBe(2)
})

test('a failed phase beats what is missing: the run ends with 1', async () => {
  const { exitCode, output } = await judged(`${TOY},silent=1,fail=prove`, ['ecc.totalCost=0%'])
  expect(output).toMatch(/✗ status@prove at .*: 6 failed/)
  expect(exitCode).toBe(1)
})

describe('refused before anything runs', () => {
  test("a baseline with git's conflict markers, or with both sides of a merge, first run or not", async () => {
    const side = readFileSync(await prepareBaseline(), 'utf8')
    const own = await temporaryFolder()
    const write = (name: string, text: string) => {
      writeFileSync(join(own, name), text)
      return ['--baseline', join(own, name), '--allow-missing']
    }
    const conflict = write('conflict.jsonl', `<<<<<<< HEAD\n${side}=======\n${side}>>>>>>> main\n`)
    const union = write('union.jsonl', side + side.replaceAll(/"time_s":[\d.]+/g, '"time_s":9'))
    const ends = await Promise.all([conflict, union].map((flags) => judged(TOY, ['time_s=+10%'], flags)))
    expect(ends.map(({ exitCode, rows }) => [exitCode, rows.length])).toEqual([
      [2, 0],
      [2, 0],
    ])
    expect(ends[0]!.output).toMatch(/ROWS_UNREADABLE: the baseline .*conflict\.jsonl is damaged: 3 lines/)
    expect(ends[1]!.output).toMatch(/ROWS_CONFLICT: the baseline .*union\.jsonl holds two histories/)
  })

  test.each([
    {
      name: 'no baseline',
      flags: ['--baseline', 'none.jsonl'],
      message: /there is no baseline none\.jsonl/,
      hint: /baseline update/,
    },
    {
      name: 'a figure that the baseline does not have',
      flags: ['--budget', 'ecc.totlCost=0%'],
      message: /did you mean ecc\.totalCost/,
      hint: /--allow-missing/,
    },
    {
      name: 'a track that there is not',
      flags: ['--budget', 'mem_mb,track=dept=1000'],
      message: /did you mean depth\?/,
      hint: /./,
    },
    {
      name: 'a budget that cannot be read',
      flags: ['--budget', 'time_s@proof=+10%'],
      message: /did you mean prove\?/,
      hint: /./,
    },
  ])('$name', async ({ flags, message, hint }) => {
    const { exitCode, output, rows } = await judged(TOY, ['time_s=+10%'], flags)
    expect(output).toMatch(message)
    expect(output).toMatch(hint)
    expect(rows).toEqual([])
    expect(exitCode).toBe(2)
  })

  test('a point that the baseline does not have, unless --allow-missing', async () => {
    const other = writeRows(join(await temporaryFolder(), 'other.jsonl'), makeGateRows())
    const flags = ['--baseline', other, '--budget', 'time_s=+10%']
    const refused = await judged(TOY, [], flags)
    expect(refused.output).toMatch(/BASELINE_MISSING|the baseline has no time_s of/)
    expect([refused.rows.length, refused.exitCode]).toEqual([0, 2])
    const first = await judged(TOY, ['mem_mb=4096'], [...flags, '--allow-missing', '--iterations', '1'])
    expect([first.rows.length, first.exitCode]).toEqual([4, 0])
    const none = ['--baseline', 'none.jsonl', '--allow-missing', '--iterations', '1']
    const firstOfAll = await judged(TOY, ['time_s=+10%'], none)
    expect(firstOfAll.exitCode).toBe(0)
    expect(firstOfAll.output).toContain('there is no baseline none.jsonl')
  })
})

test('what cannot be decided is a warning, unless it is to fail', async () => {
  const budgets = ['time_s@prove=+10%', 'mem_mb=4096']
  const flags = ['--iterations', '2', '--floors', 'time_s=0']
  const warned = await judged(TOY, budgets, flags)
  expect(warned.found).toEqual([expect.stringMatching(/inconclusive │ time_s/)])
  expect([warned.rows.length, warned.exitCode]).toEqual([8, 0])
  const failed = await judged(TOY, budgets, [...flags, '--inconclusive', 'fail'])
  expect(failed.exitCode).toBe(2)
})

test('-t judges the phases that ran', async () => {
  const { exitCode, output } = await judged(TOY, ['mem_mb=+50%'], [], ['-t', 'prove'])
  expect(output).toMatch(/1 test has alpha 0\.01/)
  expect(output).toContain(`not measured now: ${POINT} compile`)
  expect(exitCode).toBe(0)
})
