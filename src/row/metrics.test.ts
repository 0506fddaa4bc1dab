import { expect, test } from 'vitest'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { judgeRows, listed } from '../../fixtures/judge-rows.ts'
import { makeBaselineRows } from '../../fixtures/collect-rows.ts'
import { readBudgets } from '../gate/options.ts'
import { describeMetric, eachFigure, formatMetric, metricId } from './metrics.ts'
import type { Row } from './schema.ts'

test('a metric goes by the name of its field, with the phase where each phase has a figure of its own', () => {
  expect(metricId('time_s', 'prove')).toBe('time_s@prove')
  expect(metricId('proof_size_bytes', 'prove')).toBe('proof_size_bytes')
  expect(metricId('ecc.totalCost', 'compile')).toBe('ecc.totalCost')
  expect(describeMetric('mem_mb@verify')).toMatchObject({
    name: 'mem_mb',
    kind: 'memory',
    unit: 'MB',
    phase: 'verify',
  })
  expect(describeMetric('proof_size_bytes')).toMatchObject({ kind: 'size', of: 'proof', phase: null })
  expect(describeMetric('ecc.totalCost')).toMatchObject({ kind: 'counter', title: 'totalCost', unit: '' })
})

test('every metric is written with its unit, to three digits at least', () => {
  expect(formatMetric('time_s', 1.23456)).toBe('1.235 s')
  expect(formatMetric('cpu_s', 0.0012345)).toBe('0.00123 s')
  expect(formatMetric('mem_mb_hwm', 237.06)).toBe('237.1 MB')
  expect(formatMetric('proof_size_bytes', 40_536)).toBe('40,536 B')
  expect(formatMetric('ecc.totalCost', 23_521_323)).toBe('23,521,323')
})

test('a counter may be called counters.NAME in a budget, and is ecc.NAME in every answer', () => {
  const { budgets } = readBudgets(['counters.totalCost=0%', 'size:proof=0%', 'ecc.totalCost=0%'])
  expect(budgets.map(({ metric }) => metric)).toEqual(['ecc.totalCost', 'proof_size_bytes', 'ecc.totalCost'])
})

function cpuOf(row: Partial<Row>): number[] {
  const values: number[] = []
  eachFigure({ phase: 'prove', ...row } as Row, (name, value) => {
    if (name === 'cpu_s') values.push(value)
  })
  return values
}

test('CPU time is the sum of user and system time, and nothing where a row lacks one of them', () => {
  expect(cpuOf({ cpu_user_s: 2, cpu_sys_s: 0.5 })).toEqual([2.5])
  expect(cpuOf({ cpu_user_s: 2 })).toEqual([])
  expect(cpuOf({ cpu_user_s: 2, cpu_sys_s: 1, samples: { cpu_user_s: [2, 3], cpu_sys_s: [1, 2] } })).toEqual([
    3, 5,
  ])
  expect(cpuOf({ samples: { cpu_user_s: [2, 3], cpu_sys_s: [1] } })).toEqual([])
})

test('a budget on CPU time is judged against rows and against a baseline that holds its two parts', () => {
  const withCpu = (seed: number, factor: number) =>
    makeGateRows({ seed }).map((row) => ({
      ...row,
      cpu_user_s: row.time_s! * factor,
      cpu_sys_s: 0.1 * row.time_s!,
    }))
  const judged = (factor: number) =>
    judgeRows({
      now: withCpu(1, factor),
      base: makeBaselineRows(withCpu(2, 1)),
      budgets: ['cpu_s@prove=+10%'],
    })
  expect(listed(judged(3), 'regression')).toEqual(['cpu_s depth_d1 prove', 'cpu_s depth_d2 prove'])
  expect(listed(judged(1), 'regression')).toEqual([])
  expect(makeBaselineRows(withCpu(2, 1))[0]!.samples).not.toHaveProperty('cpu_s')
})
