import { describe, expect, test } from 'vitest'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { judgeRows, listed } from '../../fixtures/judge-rows.ts'

describe('exact figures', () => {
  test('a counter that is up by 1 passes its limit of 0 %, and is a finding without one', () => {
    const now = { counters: { totalCost: 23_521_324, numMul: 70 } }
    const base = { counters: { totalCost: 23_521_323, numMul: 70 } }
    const budgeted = judgeRows({ now, base, budgets: ['ecc.totalCost=0%'] })
    expect(listed(budgeted, 'regression')).toEqual([
      'ecc.totalCost depth_d1 compile',
      'ecc.totalCost depth_d2 compile',
    ])
    expect(budgeted.exit_code).toBe(1)
    const watched = judgeRows({ now, base })
    expect(listed(watched, 'finding')).toEqual(
      expect.arrayContaining(['ecc.totalCost depth_d1 compile', 'circuit_sha256 depth_d1 compile']),
    )
    expect(watched.exit_code).toBe(0)
  })

  test('a change within the limit is a finding; so is a decrease', () => {
    const at = (totalCost: number) => ({ counters: { totalCost, numMul: 70 } })
    const budgets = ['ecc.totalCost=+1%']
    expect(listed(judgeRows({ now: at(2020), base: at(2000), budgets }), 'regression')).toEqual([])
    expect(listed(judgeRows({ now: at(2021), base: at(2000), budgets }), 'regression')).toHaveLength(2)
    expect(listed(judgeRows({ now: at(1990), base: at(2000), budgets }), 'finding')).toContain(
      'ecc.totalCost depth_d1 compile',
    )
  })

  test('a growth of exactly the limit does not pass it, whatever the rounding of its product', () => {
    const at = (totalCost: number) => ({ counters: { totalCost } })
    const report = judgeRows({ now: at(115), base: at(100), budgets: ['ecc.totalCost=+15%'] })
    expect(listed(report, 'regression')).toEqual([])
  })

  test('an absolute limit needs no baseline', () => {
    const budgets = ['ecc.totalCost=1999']
    expect(judgeRows({ base: null, budgets }).exit_code).toBe(1)
    expect(judgeRows({ base: null, budgets: ['ecc.totalCost=2000'] }).exit_code).toBe(0)
  })

  test('a size that the prover declares deterministic is exact, any other is a sample', () => {
    const report = judgeRows({ budgets: ['circuit_size_bytes=0%', 'proof_size_bytes=0%'] })
    const p = (metric: string) =>
      report.checks.flatMap((check) => (check.metric === metric && 'p' in check ? [check.p] : []))
    expect(p('circuit_size_bytes')).toEqual([null, null])
    expect(p('proof_size_bytes')).toEqual([expect.any(Number), expect.any(Number)])
  })

  test('a counter that varies between iterations is a finding although it did not grow', () => {
    const rows = makeGateRows({ depths: [1] })
    rows[3] = { ...rows[3]!, ecc: { totalCost: 1999, numMul: 70 } }
    const report = judgeRows({ now: rows, base: { depths: [1] }, budgets: ['ecc.totalCost=0%'] })
    expect(report.checks.find(({ metric }) => metric === 'ecc.totalCost')).toMatchObject({
      verdict: 'finding',
      reason: 'varies between iterations: 2000, 1999',
    })
  })

  test('a digest has no order: its limit of 0 % allows no change', () => {
    const now = { counters: { totalCost: 2001, numMul: 70 } }
    expect(listed(judgeRows({ now, budgets: ['circuit_sha256=0%'] }), 'regression')).toContain(
      'circuit_sha256 depth_d1 compile',
    )
  })
})

describe('noisy figures', () => {
  test('a phase that got slower than separate runs differ fails, and no other', () => {
    const report = judgeRows({ now: { slower: { prove: 3 } }, budgets: ['time_s=+10%'] })
    expect(listed(report, 'regression')).toEqual(['time_s depth_d1 prove', 'time_s depth_d2 prove'])
    expect(report).toMatchObject({ exit_code: 1, tests: 8 })
    const [worst] = report.checks
    expect(worst).toMatchObject({ verdict: 'regression', limit: '+10%', baseline: { n: 10 }, now: { n: 10 } })
    expect(worst).toMatchObject({ interval: { of: 'runs' } })
  })

  test('one run against one cannot tell 20 % from nothing, and says what it would have found', () => {
    const budgets = ['time_s@prove=+10%', 'ecc.totalCost=0%']
    for (const prove of [1, 1.2]) {
      const report = judgeRows({ now: { slower: { prove } }, budgets })
      expect(listed(report, 'inconclusive')).toEqual(['time_s depth_d1 prove', 'time_s depth_d2 prove'])
      expect(report.exit_code).toBe(0)
      const check = report.checks.find(({ verdict }) => verdict === 'inconclusive')
      expect(check).toMatchObject({ detectable: expect.any(Number), reason: /npx provemark compare/ })
      const { detectable } = check as { detectable: number }
      expect(detectable).toBeGreaterThan(0.3)
      const larger = {
        now: { slower: { prove: 1.2 + detectable } },
        budgets,
      }
      expect(listed(judgeRows(larger), 'regression')).toHaveLength(2)
    }
  })

  test('inconclusive is a warning unless it is to fail, and never good where it is all that there is', () => {
    const setting = { now: { slower: { prove: 1.2 } }, budgets: ['time_s@prove=+10%', 'mem_mb=4096'] }
    expect(judgeRows(setting)).toMatchObject({ exit_code: 0, counts: { inconclusive: 2 } })
    expect(judgeRows({ ...setting, rules: { inconclusive: 'fail' } }).exit_code).toBe(2)
    expect(judgeRows({ ...setting, rules: { undecided: 'fail' } }).exit_code).toBe(2)
    const only = judgeRows({ ...setting, budgets: ['time_s@prove=+10%'] })
    expect(only.exit_code).toBe(2)
    expect(only.notes).toContain('no budget was decided, so nothing was judged')
  })

  test('a change within the limit and one under the floor pass', () => {
    const within = judgeRows({ now: { slower: { prove: 1.08 } }, budgets: ['time_s=+100%'] })
    expect(Object.keys(within.counts)).toEqual(['ok'])
    const rules = { floors: { time_s: 1, mem_mb: 5 } }
    const setting = { now: { slower: { verify: 2 } }, budgets: ['time_s@verify=+5%'] }
    expect(Object.keys(judgeRows({ ...setting, rules }).counts)).toEqual(['ok'])
    expect(listed(judgeRows(setting), 'regression')).toHaveLength(2)
  })

  test('a peak that grew fails in its own unit', () => {
    const report = judgeRows({ now: { bigger: { compile: 1.8 } }, budgets: ['mem_mb=+10%'] })
    expect(listed(report, 'regression')).toEqual(['mem_mb depth_d1 compile', 'mem_mb depth_d2 compile'])
  })

  test('one slow iteration of the baseline hides nothing', () => {
    const base = makeGateRows({ depths: [1] })
    const slow = base.findIndex(({ phase }) => phase === 'prove')
    base[slow] = { ...base[slow]!, time_s: 60 }
    const now = { depths: [1], slower: { prove: 3 } }
    expect(listed(judgeRows({ now, base, budgets: ['time_s=+10%'] }), 'regression')).toEqual([
      'time_s depth_d1 prove',
    ])
  })

  test('a phase that got faster is told as improved only on the evidence of a regression', () => {
    const report = judgeRows({ now: { slower: { prove: 0.3 } }, budgets: ['time_s=+10%'] })
    expect(listed(report, 'improved')).toEqual(['time_s depth_d1 prove', 'time_s depth_d2 prove'])
    const little = judgeRows({ now: { slower: { prove: 0.9 } }, budgets: ['time_s=+10%'] })
    expect(listed(little, 'improved')).toEqual([])
  })

  test('tiers: a warning does not fail the run; both tiers are one test', () => {
    const now = { slower: { prove: 3 } }
    const report = judgeRows({ now, budgets: ['time_s,level=warn=+10%', 'time_s=+400%'] })
    expect(report).toMatchObject({ exit_code: 0, tests: 8 })
    expect(report.checks[0]).toMatchObject({ verdict: 'regression', level: 'warn' })
  })

  test('an absolute limit judges the median of any number of iterations', () => {
    const budgets = ['mem_mb@prove=700']
    expect(judgeRows({ now: { n: 1 }, base: null, budgets }).exit_code).toBe(1)
    expect(judgeRows({ now: { n: 1 }, base: null, budgets: ['mem_mb=4096'] }).exit_code).toBe(0)
  })
})

describe('what a budget holds for', () => {
  test('track, point, phase and prover each narrow it', () => {
    const now = { slower: { prove: 3, verify: 3 } }
    const failed = (budget: string) => listed(judgeRows({ now, budgets: [budget] }), 'regression')
    expect(failed('time_s@verify=+10%')).toEqual(['time_s depth_d1 verify', 'time_s depth_d2 verify'])
    expect(failed('time_s@verify,point=depth_d2=+10%')).toEqual(['time_s depth_d2 verify'])
    expect(failed('time_s,track=depth,prover=fixture=+10%')).toHaveLength(4)
  })

  test('names that no row has are refused with the nearest that there are', () => {
    expect(() =>
      judgeRows({ budgets: ['ecc.totlCost=0%', 'time_s,track=dept=+10%', 'time_s,prover=fixtur=+10%'] }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [ProvemarkError: 3 problems with the budgets
        - budget ecc.totlCost=0%: expected a metric that a row has, given ecc.totlCost (did you mean ecc.totalCost?)
        - budget time_s,track=dept=+10%: expected a track that a row has, given dept (did you mean depth?)
        - budget time_s,prover=fixtur=+10%: expected a prover that a row has, given fixtur (did you mean fixture?)]
    `)
  })

  test('a figure of another phase is no figure of this one', () => {
    expect(() => judgeRows({ budgets: ['ecc.totalCost@prove=0%'] })).toThrow(/it is in compile of fixture/)
    const other = makeGateRows({ seed: 2 })
      .filter(({ phase }) => phase !== 'compile')
      .map((row) => ({ ...row, prover: { ...row.prover!, name: 'other' } }))
    expect(() => judgeRows({ now: other, budgets: ['ecc.totalCost=0%'] })).toThrow(
      /given a run where no row has it$/,
    )
  })

  test('a budget of what this run did not measure is named, and fails nothing', () => {
    const now = makeGateRows({ seed: 2 }).filter(({ phase }) => phase !== 'verify')
    const report = judgeRows({ now, budgets: ['time_s@verify=+10%', 'time_s@prove=+10%'] })
    expect(report.notes).toContainEqual(expect.stringMatching(/time_s@verify=\+10% was not judged/))
    expect(report.notes).toContainEqual(expect.stringMatching(/not measured now: depth_d1 verify/))
    expect(listed(report, 'inconclusive')).toHaveLength(2)
  })
})

test('the worst stands first', () => {
  const report = judgeRows({
    now: { slower: { prove: 3, compile: 4 }, counters: { totalCost: 2100, numMul: 71 } },
    budgets: ['time_s@compile=+10%', 'time_s@prove=+10%', 'ecc.totalCost=0%'],
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
