import { describe, expect, test } from 'vitest'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { judgeRows, listed } from '../../fixtures/judge-rows.ts'
import { ProvemarkError } from '../errors.ts'
import type { Row } from '../row/schema.ts'

describe('never silently nothing', () => {
  test('no row, no baseline, no point in the baseline, a counter that is no longer printed', () => {
    expect(() => judgeRows({ now: [] })).toThrow(ProvemarkError)
    const withoutBase = judgeRows({ base: null, budgets: ['time_s=+10%'] })
    expect(withoutBase).toMatchObject({ exit_code: 2, counts: { missing: 8 } })
    expect(withoutBase.checks[0]).toMatchObject({ reason: 'no baseline was given' })

    const newPoint = judgeRows({ base: { depths: [1] }, budgets: ['time_s@prove=+10%'] })
    expect(listed(newPoint, 'missing')).toEqual(['time_s depth_d2 prove'])
    expect(newPoint.exit_code).toBe(2)

    const silent = judgeRows({ now: { counters: { totalCost: 2000 } } })
    expect(listed(silent, 'missing')).toEqual(['ecc.numMul depth_d1 compile', 'ecc.numMul depth_d2 compile'])
    expect(silent.exit_code).toBe(2)
    expect(
      judgeRows({ now: { counters: { totalCost: 2000 } }, rules: { allow_missing: true } }).exit_code,
    ).toBe(0)
  })

  test('a budgeted figure that the rows of now have lost is missing', () => {
    const now = makeGateRows({ seed: 2 }).map((row) =>
      row.phase === 'prove' ? { ...row, mem_mb: null } : row,
    )
    const report = judgeRows({ now, budgets: ['mem_mb=+10%'] })
    expect(listed(report, 'missing')).toEqual(['mem_mb depth_d1 prove', 'mem_mb depth_d2 prove'])
    expect(report.exit_code).toBe(2)
  })

  test('a phase that did not end well fails the run, whatever its figures', () => {
    const now = makeGateRows({ seed: 2 }).map((row, i) =>
      i === 25 ? { ...row, status: 'timeout' as const } : row,
    )
    const report = judgeRows({ now, budgets: ['mem_mb=4096'] })
    expect(report.exit_code).toBe(1)
    expect(report.checks[0]).toMatchObject({ verdict: 'failed', phase: 'prove', reason: '1 timeout' })
  })

  test('a forgery that was accepted fails the run', () => {
    const now = makeGateRows({ seed: 2 }).map((row) =>
      row.phase === 'verify' ? { ...row, controls: { proof: 'accepted' as const } } : row,
    )
    expect(judgeRows({ now, budgets: ['mem_mb=4096'] }).checks[0]).toMatchObject({
      verdict: 'failed',
      reason: 'a forged proof was accepted',
    })
  })

  test('a point that the baseline has and the prover skipped now is missing, and no pass', () => {
    const now = makeGateRows({ seed: 2 }).map((row) => (row.point === 'depth_d2' ? skipped(row) : row))
    const report = judgeRows({ now, budgets: ['ecc.totalCost=0%', 'time_s@prove=+10%'] })
    expect(listed(report, 'missing')).toEqual([
      'ecc.numMul depth_d2 compile',
      'ecc.totalCost depth_d2 compile',
      'time_s depth_d2 prove',
    ])
    expect(report.checks[0]).toMatchObject({ reason: 'the baseline has it, but it was skipped now' })
    expect(report.exit_code).toBe(2)
    expect(judgeRows({ now, rules: { allow_missing: true } }).exit_code).toBe(0)
  })

  test('where all was skipped nothing passes, whatever is allowed to be missing', () => {
    const now = makeGateRows({ seed: 2 }).map(skipped)
    for (const base of [{}, null]) {
      const report = judgeRows({ now, base, rules: { allow_missing: true } })
      expect(report.exit_code).toBe(2)
      expect(report.notes).toContain('nothing was measured: no phase succeeded')
    }
  })

  test('a skipped point that the baseline does not have either is no finding', () => {
    const now = makeGateRows({ seed: 2 }).map((row) => (row.point === 'depth_d2' ? skipped(row) : row))
    const report = judgeRows({ now, base: { depths: [1] }, budgets: ['time_s=+100%', 'mem_mb=4096'] })
    expect(Object.keys(report.counts)).toEqual(['ok'])
  })

  test('what was skipped after a failure is told by the failure alone', () => {
    const now = makeGateRows({ seed: 2, depths: [1] }).map((row) => {
      if (row.phase === 'prove') return { ...row, status: 'failed' as const }
      return row.phase === 'verify' ? skipped(row) : row
    })
    const report = judgeRows({ now, base: { depths: [1] }, budgets: ['time_s=+10%'] })
    expect(report.counts).toMatchObject({ failed: 1 })
    expect(report.counts['missing']).toBeUndefined()
    expect(report.exit_code).toBe(1)
  })
})

const skipped = (row: Row): Row => ({ ...row, status: 'skipped', time_s: null, mem_mb: null, ecc: {} })
