import { expect, test } from 'vitest'
import { growthOf, judge } from './verdict.ts'

const comparison = { what: '', unit: 's', commands: { ours: '' }, limit: 2 } as const

test('pairs are compared before their median is taken', () => {
  const pairs = { ours: [1, 10, 100], other: [1, 20, 25] }
  expect(judge({ ...comparison, ...pairs, by: 'ratio' })).toEqual({ value: 1, met: true })
  expect(judge({ ...comparison, ...pairs, by: 'difference' })).toEqual({ value: 0, met: true })
  expect(judge({ ...comparison, ours: [1, 3, 5], by: 'absolute' })).toEqual({ value: 3, met: false })
})

test('growth is judged by the last step', () => {
  const steps = (...times: number[]) => times.map((timeS, i) => ({ size: 10 ** i, timeS }))
  expect(growthOf(steps(1, 1, 10), 'timeS')).toEqual({ value: 1, met: true })
  expect(growthOf(steps(1, 1, 100), 'timeS')).toEqual({ value: 2, met: false })
  expect(growthOf(steps(1, 10), 'memMb')).toBeUndefined()
})
