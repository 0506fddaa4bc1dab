import { expect, test } from 'vitest'
import { growthOf, judge } from './verdict.ts'

const comparison = { what: '', unit: 's', commands: { ours: '' }, limit: 2 } as const

test('pairs are compared before their median is taken', () => {
  const pairs = { ours: [1, 10, 100], other: [1, 20, 25] }
  expect(judge({ ...comparison, ...pairs, by: 'ratio' })).toEqual({ value: 1, met: true })
  expect(judge({ ...comparison, ...pairs, by: 'difference' })).toEqual({ value: 0, met: true })
  expect(judge({ ...comparison, ours: [1, 3, 5], by: 'absolute' })).toEqual({ value: 3, met: false })
})

test('an upper limit of a ratio takes the scatter of the pairs into account', () => {
  const pairs = { ours: [1, 1.1, 1.2, 0.9], other: [1, 1, 1, 1] }
  const { value, met } = judge({ ...comparison, ...pairs, limit: 1.2, by: 'upper ratio' })
  // scipy.stats.ttest_1samp(numpy.log(ours)).confidence_interval(0.9).high, as a ratio
  expect(value).toBeCloseTo(1.20778044, 7)
  expect(met).toBe(false)
})

test('growth is judged by the last step', () => {
  const steps = (...times: number[]) => times.map((timeS, i) => ({ size: 10 ** i, timeS }))
  expect(growthOf(steps(1, 1, 10), 'timeS')).toEqual({ value: 1, met: true })
  expect(growthOf(steps(1, 1, 100), 'timeS')).toEqual({ value: 2, met: false })
  expect(growthOf(steps(1, 10), 'memMb')).toBeUndefined()
})
