import { expect, test } from 'vitest'
import { testSerialCorrelation } from './noise.ts'
import { drawLogNormal } from './random.ts'

test('sees that each sample resembles the one before it', () => {
  const draw = drawLogNormal(0.1, 2)
  let level = 1
  const walk = Array.from({ length: 30 }, () => (level *= draw()))
  const result = testSerialCorrelation(walk)
  expect(result?.p).toBeLessThan(0.001)
  expect(result?.lag1).toBeGreaterThan(0.5)
})

test('sees that samples alternate', () => {
  const result = testSerialCorrelation(
    Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 + i / 100 : 2 + i / 100)),
  )
  expect(result?.p).toBeLessThan(0.001)
  expect(result?.lag1).toBeLessThan(-0.5)
})

test.each([10, 30])('errs on independent skewed samples as often as its p says, n = %i', (n) => {
  const draw = drawLogNormal(1, n)
  const alarms = Array.from(
    { length: 2000 },
    () => testSerialCorrelation(Array.from({ length: n }, draw))?.p ?? 1,
  ).filter((p) => p < 0.05)
  expect(alarms.length / 2000).toBeGreaterThan(0.035)
  expect(alarms.length / 2000).toBeLessThan(0.065)
})

test('says nothing of few samples, and nothing bad of equal ones', () => {
  expect(testSerialCorrelation([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeNull()
  expect(testSerialCorrelation(Array.from({ length: 12 }, () => 3))).toEqual({ lag1: 0, p: 1 })
})
