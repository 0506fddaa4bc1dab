import { expect, test } from 'vitest'
import { bootstrapMedians, drawLogNormal } from './random.ts'

const medianOf = ([middle]: number[]) => middle!

test('the same seed gives the same interval, another seed another', () => {
  const samples = [Array.from({ length: 12 }, drawLogNormal(0.5, 3))]
  const first = bootstrapMedians(samples, medianOf, { seed: 5, resamples: 200 })
  expect(bootstrapMedians(samples, medianOf, { seed: 5, resamples: 200 })).toEqual(first)
  expect(bootstrapMedians(samples, medianOf, { seed: 6, resamples: 200 })).not.toEqual(first)
})

test('gives no interval for an empty sample', () => {
  expect(bootstrapMedians([[1, 2], []], () => 1)).toBeNull()
})

test('holds the ratio of two medians, the samples drawn apart', () => {
  const slow = Array.from({ length: 40 }, drawLogNormal(0.05, 1)).map((x) => 2 * x)
  const fast = Array.from({ length: 30 }, drawLogNormal(0.05, 2))
  const ratio = bootstrapMedians([slow, fast], ([a, b]) => a! / b!)
  expect(ratio?.lo).toBeGreaterThan(1.9)
  expect(ratio?.lo).toBeLessThan(2)
  expect(ratio?.hi).toBeGreaterThan(2)
  expect(ratio?.hi).toBeLessThan(2.1)
})

test('a sample is judged alike just below and just above what counts as large', () => {
  const sample = Array.from({ length: 400 }, drawLogNormal(0.3, 5))
  const [small, large] = [sample.slice(1), sample].map((own) =>
    bootstrapMedians([own], medianOf, { seed: 3, resamples: 4000 }),
  )
  expect(large!.hi - large!.lo).toBeGreaterThan(0.8 * (small!.hi - small!.lo))
  expect(large!.hi - large!.lo).toBeLessThan(1.25 * (small!.hi - small!.lo))
})
