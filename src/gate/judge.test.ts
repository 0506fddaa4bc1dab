import { describe, expect, test } from 'vitest'
import { type GateRowsOptions, makeGateRows } from '../../fixtures/gate-rows.ts'
import { ProvemarkError } from '../errors.ts'
import type { Row } from '../row/schema.ts'
import { readBudgets } from './budget.ts'
import { SeriesCollector } from './collect.ts'
import { type GateRules, judge } from './judge.ts'
import { gateSchema } from './schema.ts'
import type { Series } from './series.ts'
import { type Check, type GateReport, reportSchema } from './verdict.ts'

function collect(rows: readonly Row[]): Series[] {
  const collector = new SeriesCollector()
  for (const row of rows) collector.add(row)
  return collector.select('all')
}

interface Setting {
  now?: GateRowsOptions | Row[]
  base?: GateRowsOptions | Row[] | null
  budgets?: string[]
  rules?: Partial<GateRules>
}

const rowsOf = (given: GateRowsOptions | Row[], seed: number) =>
  Array.isArray(given) ? given : makeGateRows({ seed, ...given })

function run({ now = {}, base = {}, budgets = [], rules = {} }: Setting): GateReport {
  const report = judge({
    now: collect(rowsOf(now, 2)),
    base: base && collect(rowsOf(base, 1)),
    budgets: readBudgets(budgets).budgets,
    rules: { ...gateSchema.parse({}), ...rules },
    seed: 42,
  })
  return reportSchema.parse(report)
}

const listed = ({ checks }: GateReport, verdict: Check['verdict']) =>
  checks
    .filter((check) => check.verdict === verdict)
    .map(({ metric, point, phase }) => `${metric} ${point} ${phase}`)
    .toSorted()

describe('exact figures', () => {
  test('a counter that is up by 1 passes its limit of 0 %, and is a finding without one', () => {
    const now = { counters: { totalCost: 23_521_324, numMul: 70 } }
    const base = { counters: { totalCost: 23_521_323, numMul: 70 } }
    const budgeted = run({ now, base, budgets: ['ecc.totalCost=0%'] })
    expect(listed(budgeted, 'regression')).toEqual([
      'ecc.totalCost depth_d1 compile',
      'ecc.totalCost depth_d2 compile',
    ])
    expect(budgeted.exit_code).toBe(1)
    const watched = run({ now, base })
    expect(listed(watched, 'finding')).toEqual(
      expect.arrayContaining(['ecc.totalCost depth_d1 compile', 'circuit_sha256 depth_d1 compile']),
    )
    expect(watched.exit_code).toBe(0)
  })

  test('a change within the limit is a finding; so is a decrease', () => {
    const at = (totalCost: number) => ({ counters: { totalCost, numMul: 70 } })
    const budgets = ['ecc.totalCost=+1%']
    expect(listed(run({ now: at(2020), base: at(2000), budgets }), 'regression')).toEqual([])
    expect(listed(run({ now: at(2021), base: at(2000), budgets }), 'regression')).toHaveLength(2)
    expect(listed(run({ now: at(1990), base: at(2000), budgets }), 'finding')).toContain(
      'ecc.totalCost depth_d1 compile',
    )
  })

  test('a growth of exactly the limit does not pass it, whatever the rounding of its product', () => {
    const at = (totalCost: number) => ({ counters: { totalCost } })
    const report = run({ now: at(115), base: at(100), budgets: ['ecc.totalCost=+15%'] })
    expect(listed(report, 'regression')).toEqual([])
  })

  test('an absolute limit needs no baseline', () => {
    const budgets = ['ecc.totalCost=1999']
    expect(run({ base: null, budgets }).exit_code).toBe(1)
    expect(run({ base: null, budgets: ['ecc.totalCost=2000'] }).exit_code).toBe(0)
  })

  test('a size that the prover declares deterministic is exact, any other is a sample', () => {
    const report = run({ budgets: ['circuit_size_bytes=0%', 'proof_size_bytes=0%'] })
    const p = (metric: string) =>
      report.checks.flatMap((check) => (check.metric === metric && 'p' in check ? [check.p] : []))
    expect(p('circuit_size_bytes')).toEqual([null, null])
    expect(p('proof_size_bytes')).toEqual([expect.any(Number), expect.any(Number)])
  })

  test('a counter that varies between repetitions is a finding although it did not grow', () => {
    const rows = makeGateRows({ depths: [1] })
    rows[3] = { ...rows[3]!, ecc: { totalCost: 1999, numMul: 70 } }
    const report = run({ now: rows, base: { depths: [1] }, budgets: ['ecc.totalCost=0%'] })
    expect(report.checks.find(({ metric }) => metric === 'ecc.totalCost')).toMatchObject({
      verdict: 'finding',
      reason: 'varies between repetitions: 2000, 1999',
    })
  })

  test('a digest has no order: its limit of 0 % allows no change', () => {
    const now = { counters: { totalCost: 2001, numMul: 70 } }
    expect(listed(run({ now, budgets: ['circuit_sha256=0%'] }), 'regression')).toContain(
      'circuit_sha256 depth_d1 compile',
    )
  })
})

describe('noisy figures', () => {
  test('a phase that got slower fails, and no other', () => {
    const report = run({ now: { slower: { prove: 1.2 } }, budgets: ['time_s=+10%'] })
    expect(listed(report, 'regression')).toEqual(['time_s depth_d1 prove', 'time_s depth_d2 prove'])
    expect(report).toMatchObject({ exit_code: 1, tests: 8 })
    const [worst] = report.checks
    expect(worst).toMatchObject({ verdict: 'regression', limit: '+10%', baseline: { n: 10 }, now: { n: 10 } })
  })

  test('noise, a change within the limit and one under the floor pass', () => {
    expect(run({ budgets: ['time_s=0%', 'mem_mb=0%'] }).counts['regression']).toBeUndefined()
    const within = run({ now: { slower: { prove: 1.08 } }, budgets: ['time_s=+20%'] })
    expect(within.counts['regression']).toBeUndefined()
    const now = { slower: { verify: 1.1 } }
    expect(listed(run({ now, budgets: ['time_s@verify=+5%'] }), 'regression')).toEqual([])
    const rules = { floors: { time_s: 0.01, mem_mb: 5 } }
    expect(listed(run({ now, budgets: ['time_s@verify=+5%'], rules }), 'regression')).toHaveLength(2)
  })

  test('a peak that grew fails in its own unit', () => {
    const report = run({ now: { bigger: { compile: 1.5 } }, budgets: ['mem_mb=+10%'] })
    expect(listed(report, 'regression')).toEqual(['mem_mb depth_d1 compile', 'mem_mb depth_d2 compile'])
  })

  test('one slow repetition of the baseline hides nothing', () => {
    const base = makeGateRows({ depths: [1] })
    const slow = base.findIndex(({ phase }) => phase === 'prove')
    base[slow] = { ...base[slow]!, time_s: 60 }
    const now = { depths: [1], slower: { prove: 1.2 } }
    expect(listed(run({ now, base, budgets: ['time_s=+10%'] }), 'regression')).toEqual([
      'time_s depth_d1 prove',
    ])
  })

  test('a phase that got faster is told as improved', () => {
    const report = run({ now: { slower: { prove: 0.8 } }, budgets: ['time_s=+10%'] })
    expect(listed(report, 'improved')).toEqual(['time_s depth_d1 prove', 'time_s depth_d2 prove'])
    expect(report.exit_code).toBe(0)
  })

  test('too few repetitions leave it undecided, however clear it looks, and name the n to use', () => {
    const setting = { now: { n: 3, slower: { prove: 3 } }, base: { n: 3 }, budgets: ['time_s=+10%'] }
    const report = run(setting)
    expect(report.counts).toMatchObject({ undecided: 8 })
    expect(report.exit_code).toBe(2)
    expect(report.checks[0]).toMatchObject({ needed: { now: 15, both: 6 } })
    expect(run({ ...setting, rules: { undecided: 'warn' } }).exit_code).toBe(0)
    const enough = { ...setting, now: { ...setting.now, n: 15 } }
    expect(listed(run(enough), 'regression')).toHaveLength(2)
  })

  test('tiers: a warning does not fail the run; both tiers are one test', () => {
    const now = { slower: { prove: 1.2 } }
    const report = run({ now, budgets: ['time_s,level=warn=+10%', 'time_s=+50%'] })
    expect(report).toMatchObject({ exit_code: 0, tests: 8 })
    expect(report.checks[0]).toMatchObject({ verdict: 'regression', level: 'warn' })
  })

  test('an absolute limit judges the median of any number of repetitions', () => {
    const budgets = ['mem_mb@prove=700']
    expect(run({ now: { n: 1 }, base: null, budgets }).exit_code).toBe(1)
    expect(run({ now: { n: 1 }, base: null, budgets: ['mem_mb=4096'] }).exit_code).toBe(0)
  })

  test('the same seed gives the same report', () => {
    const setting = { now: { slower: { prove: 1.1 } }, budgets: ['time_s=+5%', 'mem_mb=+5%'] }
    expect(run(setting)).toEqual(run(setting))
  })
})

describe('what a budget holds for', () => {
  test('track, point, phase and prover each narrow it', () => {
    const now = { slower: { prove: 2, verify: 2 } }
    const failed = (budget: string) => listed(run({ now, budgets: [budget] }), 'regression')
    expect(failed('time_s@verify=+10%')).toEqual(['time_s depth_d1 verify', 'time_s depth_d2 verify'])
    expect(failed('time_s@verify,point=depth_d2=+10%')).toEqual(['time_s depth_d2 verify'])
    expect(failed('time_s,track=depth,prover=fixture=+10%')).toHaveLength(4)
  })

  test('names that no row has are refused with the nearest that there are', () => {
    expect(() => run({ budgets: ['ecc.totlCost=0%', 'time_s,track=dept=+10%', 'time_s,prover=fixtur=+10%'] }))
      .toThrowErrorMatchingInlineSnapshot(`
      [ProvemarkError: 3 problems with the budgets
        - budget ecc.totlCost=0%: expected a metric that a row has, given ecc.totlCost (did you mean ecc.totalCost?)
        - budget time_s,track=dept=+10%: expected a track that a row has, given dept (did you mean depth?)
        - budget time_s,prover=fixtur=+10%: expected a prover that a row has, given fixtur (did you mean fixture?)]
    `)
  })

  test('a figure of another phase is no figure of this one', () => {
    expect(() => run({ budgets: ['ecc.totalCost@prove=0%'] })).toThrow(/it is in compile of fixture/)
  })

  test('a budget of what this run did not measure is named, and fails nothing', () => {
    const now = makeGateRows({ seed: 2 }).filter(({ phase }) => phase !== 'verify')
    const report = run({ now, budgets: ['time_s@verify=+10%', 'time_s@prove=+10%'] })
    expect(report.notes).toContainEqual(expect.stringMatching(/time_s@verify=\+10% was not judged/))
    expect(report.notes).toContainEqual(expect.stringMatching(/not measured now: depth_d1 verify/))
    expect(report.exit_code).toBe(0)
  })
})

describe('never silently nothing', () => {
  test('no row, no baseline, no point in the baseline, a counter that is no longer printed', () => {
    expect(() => run({ now: [] })).toThrow(ProvemarkError)
    const withoutBase = run({ base: null, budgets: ['time_s=+10%'] })
    expect(withoutBase).toMatchObject({ exit_code: 2, counts: { missing: 8 } })
    expect(withoutBase.checks[0]).toMatchObject({ reason: 'no baseline was given' })

    const newPoint = run({ base: { depths: [1] }, budgets: ['time_s@prove=+10%'] })
    expect(listed(newPoint, 'missing')).toEqual(['time_s depth_d2 prove'])
    expect(newPoint.exit_code).toBe(2)

    const silent = run({ now: { counters: { totalCost: 2000 } } })
    expect(listed(silent, 'missing')).toEqual(['ecc.numMul depth_d1 compile', 'ecc.numMul depth_d2 compile'])
    expect(silent.exit_code).toBe(2)
    expect(run({ now: { counters: { totalCost: 2000 } }, rules: { allow_missing: true } }).exit_code).toBe(0)
  })

  test('a budgeted figure that the rows of now have lost is missing', () => {
    const now = makeGateRows({ seed: 2 }).map((row) =>
      row.phase === 'prove' ? { ...row, mem_mb: null } : row,
    )
    const report = run({ now, budgets: ['mem_mb=+10%'] })
    expect(listed(report, 'missing')).toEqual(['mem_mb depth_d1 prove', 'mem_mb depth_d2 prove'])
    expect(report.exit_code).toBe(2)
  })

  test('a phase that did not end well fails the run, whatever its figures', () => {
    const now = makeGateRows({ seed: 2 }).map((row, i) =>
      i === 25 ? { ...row, status: 'timeout' as const } : row,
    )
    const report = run({ now, budgets: ['mem_mb=4096'] })
    expect(report.exit_code).toBe(1)
    expect(report.checks[0]).toMatchObject({ verdict: 'failed', phase: 'prove', reason: '1 timeout' })
  })

  test('a forgery that was accepted fails the run', () => {
    const now = makeGateRows({ seed: 2 }).map((row) =>
      row.phase === 'verify' ? { ...row, controls: { proof: 'accepted' as const } } : row,
    )
    expect(run({ now, budgets: ['mem_mb=4096'] }).checks[0]).toMatchObject({
      verdict: 'failed',
      reason: 'a forged proof was accepted',
    })
  })
})

describe('not comparable', () => {
  const other = (machine: Row['machine']): Setting => ({
    now: { slower: { prove: 2 }, with: { machine } },
    budgets: ['time_s=+10%', 'mem_mb=+10%', 'ecc.totalCost=0%'],
  })

  test.each([
    [{ cpu: 'Other 9', cores: 8, mem_mb: 16_000 }, 'CPU: Fixture 3000 in the baseline, Other 9 now'],
    [{ cpu: 'Fixture 3000', cores: 4, mem_mb: 16_000 }, 'cores: 8 in the baseline, 4 now'],
    [
      { cpu: 'Fixture 3000', cores: 8, mem_mb: 8000 },
      'memory of the machine (MB): 16000 in the baseline, 8000 now',
    ],
  ])('times and peaks of another machine are not judged, counters are: %j', (machine, reason) => {
    const report = run(other(machine))
    expect(report.counts).toMatchObject({ not_comparable: 16 })
    expect(report.checks.find(({ verdict }) => verdict === 'not_comparable')).toMatchObject({ reason })
    expect(report.checks.find(({ metric }) => metric === 'ecc.totalCost')).toMatchObject({ verdict: 'ok' })
    expect(report.exit_code).toBe(0)
  })

  test('where no budget was judged the run ends with 2', () => {
    expect(run({ ...other({ cpu: 'Other 9' }), budgets: ['time_s=+10%', 'mem_mb=+10%'] }).exit_code).toBe(2)
  })

  test('memory of two machines of one kind may differ by a hair', () => {
    expect(listed(run(other({ cpu: 'Fixture 3000', cores: 8, mem_mb: 15_990 })), 'regression')).toHaveLength(
      2,
    )
  })

  test.each([
    [{ settings: { threads: 4 } }, /^threads: the prover's own choice in the baseline, 4 now$/],
    [
      { security: { scheme: 'none', field: 'none', setup: 'none', bits: 100 } },
      /^security bits: 0 in .*, 100 now$/,
    ],
    [{ prover: { name: 'another' } }, /^prover: fixture in the baseline, another now$/],
    [{ time_source: null }, /^clock: wall clock in the baseline, the prover's own time now$/],
  ] satisfies [Partial<Row>, RegExp][])('%j', (change, reason) => {
    const report = run({ now: { with: change }, budgets: ['time_s=+10%'] })
    expect(report.counts).toMatchObject({ not_comparable: 8 })
    expect(report.checks.find(({ verdict }) => verdict === 'not_comparable')?.reason).toMatch(reason)
  })

  test('quantisation: a setting that both sides recorded and that differs', () => {
    const at = (scale_bits: number) => ({ with: { settings: { scale_bits } } })
    const report = run({ now: at(12), base: at(16), budgets: ['mem_mb=+10%'] })
    expect(report.checks.find(({ verdict }) => verdict === 'not_comparable')?.reason).toBe(
      'scale_bits: 16 in the baseline, 12 now',
    )
  })

  test('of two settings in the baseline the same is taken', () => {
    const base = [
      ...makeGateRows({ seed: 1, with: { settings: { threads: 1 } }, slower: { prove: 4 } }),
      ...makeGateRows({ seed: 3, with: { settings: { threads: 4 } } }),
    ]
    const now = { with: { settings: { threads: 4 } }, slower: { prove: 1.5 } }
    expect(listed(run({ now, base, budgets: ['time_s=+10%'] }), 'regression')).toHaveLength(2)
  })

  test('what neither side recorded is judged with a note, what one side alone recorded is named', () => {
    const bare = { machine: null, settings: null, security: null, prover: null } satisfies Partial<Row>
    const neither = run({
      now: { with: bare, slower: { prove: 2 } },
      base: { with: bare },
      budgets: ['time_s=+10%'],
    })
    expect(listed(neither, 'regression')).toHaveLength(2)
    expect(neither.notes.join('\n')).toMatch(
      /neither side recorded CPU, cores, .*: judged all the same \(8 figures\)/,
    )
    const one = run({
      now: { slower: { prove: 2 } },
      base: { with: { machine: null } },
      budgets: ['time_s=+10%'],
    })
    expect(listed(one, 'regression')).toHaveLength(2)
    expect(one.notes.join('\n')).toMatch(/only this run recorded CPU, cores, memory of the machine/)
  })

  test('another version of the prover is shown and judged', () => {
    const prover = { name: 'fixture', version: '1.1.0', deterministic: { circuit: 'bytes' as const } }
    const report = run({ now: { with: { prover }, slower: { prove: 2 } }, budgets: ['time_s=+10%'] })
    expect(report.notes).toContain('fixture is 1.1.0 now, 1.0.0 in the baseline')
    expect(listed(report, 'regression')).toHaveLength(2)
  })
})

test('the worst stands first', () => {
  const report = run({
    now: { slower: { prove: 1.3, compile: 1.6 }, counters: { totalCost: 2100, numMul: 71 } },
    budgets: ['time_s=+10%', 'ecc.totalCost=0%'],
  })
  const shown = report.checks
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ verdict, metric, phase }) => `${verdict} ${metric} ${phase}`)
  expect([...new Set(shown)]).toEqual([
    'regression time_s compile',
    'regression time_s prove',
    'regression ecc.totalCost compile',
    'finding circuit_sha256 compile',
    'finding circuit_size_bytes compile',
    'finding ecc.numMul compile',
  ])
})
