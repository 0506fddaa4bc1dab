import { expect, test } from 'vitest'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { judgeRows, judgeSides, listed } from '../../fixtures/judge-rows.ts'
import { drawLogNormal } from '../row/statistics/random.ts'

/** Rows of a comparison in turns of one point: noise common to both of a pair, and each side's own. */
function inTurns(options: { common: number; own: number; slower: number; pairs: number; seed: number }) {
  const { common, own, slower, pairs, seed } = options
  const shared = drawLogNormal(common, 7919 * seed + 1)
  const noise = Array.from({ length: 4 * pairs }, shared)
  return (['a', 'b'] as const).flatMap((side, index) => {
    const rows = makeGateRows({
      depths: [1],
      n: pairs,
      noise: own,
      seed: 104_729 * (seed + 1) + 7919 * index,
    })
    return rows.map((row, i) => ({
      ...row,
      side,
      time_s: row.time_s! * noise[i]! * (side === 'b' && row.phase === 'prove' ? slower : 1),
    }))
  })
}

test('pairs: noise common to both cancels, so +9 % is found under noise of 20 %', () => {
  const found = Array.from({ length: 100 }, (_, seed) =>
    judgeSides(inTurns({ common: 0.2, own: 0.02, slower: 1.09, pairs: 20, seed }), ['time_s=+5%']),
  )
  const hits = found.filter((report) => listed(report, 'regression').includes('time_s depth_d1 prove'))
  expect(hits.length).toBeGreaterThanOrEqual(97)
  expect(found.flatMap((report) => listed(report, 'regression')).length).toBeLessThanOrEqual(101)
})

test('pairs: two sides alike are ok at a limit of 10 %, not inconclusive', () => {
  const reports = Array.from({ length: 100 }, (_, seed) =>
    judgeSides(inTurns({ common: 0.2, own: 0.04, slower: 1, pairs: 20, seed }), ['time_s=+10%']),
  )
  const count = (verdict: 'ok' | 'regression') => reports.flatMap((report) => listed(report, verdict)).length
  expect(count('regression')).toBe(0)
  expect(count('ok')).toBeGreaterThanOrEqual(360)
})

test('pairs that are too few or too noisy are inconclusive, with what they would have found', () => {
  const few = judgeSides(inTurns({ common: 0.2, own: 0.02, slower: 2, pairs: 3, seed: 1 }), [
    'time_s@prove=+5%',
  ])
  expect(few.checks[0]).toMatchObject({ verdict: 'inconclusive', detectable: null, reason: /at least 4/ })
  const noisy = judgeSides(inTurns({ common: 0, own: 0.5, slower: 1.2, pairs: 10, seed: 1 }), [
    'time_s@prove=+5%',
  ])
  expect(noisy.checks[0]).toMatchObject({ verdict: 'inconclusive', interval: { of: 'pairs' } })
  expect(noisy.checks[0]).toMatchObject({ detectable: expect.any(Number), reason: /--until-decided/ })
})

test('looking more often at the same comparison asks for more evidence each time', () => {
  const rows = inTurns({ common: 0.2, own: 0.02, slower: 1, pairs: 20, seed: 4 })
  const [once, often] = [1, 8].map((looks) => judgeSides(rows, ['time_s@prove=0%'], looks).checks[0])
  expect([once?.verdict, often?.verdict]).toEqual(['inconclusive', 'inconclusive'])
  const detectable = (check: unknown) => (check as { detectable: number }).detectable
  expect(detectable(often)).toBeGreaterThan(detectable(once))
})

/** A run of which others took a share of the time, and how long its phases took against a calm one. */
const runBeside = (disturbed: number, factor: number, seed: number) =>
  makeGateRows({ depths: [1], n: 10, noise: 0.02, seed }).map((row) => ({
    ...row,
    run_id: String(seed),
    disturbed,
    time_s: row.time_s! * factor,
  }))

test('runs: nothing is ok against a baseline that others held up, however slow it was', () => {
  const report = judgeRows({
    base: runBeside(0.3, 1.35, 1),
    now: runBeside(0, 1, 2),
    budgets: ['time_s@prove=+5%'],
  })
  expect(report.checks[0]).toMatchObject({
    verdict: 'inconclusive',
    reason: /^the runs of the baseline were disturbed; measure again/,
  })
})

test('runs: what is within its limit although others held it up is ok', () => {
  const [held, slow] = [0.75, 1].map((factor) =>
    judgeRows({
      base: runBeside(0, 1, 1),
      now: runBeside(0.3, factor, 2),
      budgets: ['time_s@prove=+5%'],
    }),
  )
  expect(held!.checks[0]).toMatchObject({ verdict: 'ok' })
  expect(slow!.checks[0]).toMatchObject({
    verdict: 'inconclusive',
    reason: /^others held it up for 30 % of its time/,
  })
})

test('runs: others only slow down, so what is slower than a baseline that they held up has regressed', () => {
  const verdicts = [0, 0.3].map((disturbed) => {
    const report = judgeRows({
      base: runBeside(0.3, 1, 1),
      now: runBeside(disturbed, 4, 2),
      budgets: ['time_s@prove=+5%'],
    })
    return report.checks[0]!.verdict
  })
  expect(verdicts).toEqual(['regression', 'inconclusive'])
})

test('runs: what is faster although others held it up has improved, unless they held up the baseline too', () => {
  const verdicts = [0, 0.3].map((disturbed) => {
    const report = judgeRows({
      base: runBeside(disturbed, 4, 1),
      now: runBeside(0.3, 1, 2),
      budgets: ['time_s@prove=+5%'],
    })
    return report.checks[0]!.verdict
  })
  expect(verdicts).toEqual(['improved', 'inconclusive'])
})

test('runs: a few disturbed iterations of a phase too short for the others to tell do not disturb the run', () => {
  const telling = (count: number) =>
    runBeside(0.4, 4, 2).map((row, i) => ({ ...row, disturbed: i % 10 < count ? row.disturbed : null }))
  const verdicts = [2, 8].map((count) => {
    const report = judgeRows({ base: runBeside(0, 1, 1), now: telling(count), budgets: ['time_s@prove=+5%'] })
    return report.checks[0]!.verdict
  })
  expect(verdicts).toEqual(['regression', 'inconclusive'])
})

test('runs without evidence: nothing is ok against a baseline that waited longer than it worked', () => {
  const run = (factor: number, seed: number) =>
    runBeside(0, factor, seed).map((row) => ({ ...row, disturbed: null, cpu_user_s: 1, cpu_sys_s: 0 }))
  const report = judgeRows({ base: run(1.35, 1), now: run(1, 2), budgets: ['time_s@prove=+5%'] })
  expect(report.checks[0]).toMatchObject({
    verdict: 'inconclusive',
    reason: /^wall clock : CPU time went from .* so the machine is the likelier cause/,
  })
})
