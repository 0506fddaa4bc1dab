import { assert, double, integer, property, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { predictPeakMb } from './memory-guard.ts'

test('memory that grows along a line is predicted by it, however few points there are', () => {
  const works = uniqueArray(integer({ min: 2, max: 1000 }), { minLength: 1, maxLength: 8 })
  assert(
    property(
      works,
      double({ min: 1, max: 100, noNaN: true }),
      integer({ min: 1, max: 60 }),
      (all, base, k) => {
        const mbOf = (work: number) => base + base * work
        const known = [1, ...all].map((work) => ({ work: work * 1e6, peakMb: mbOf(work) }))
        const work = Math.max(...all) * k
        expect(predictPeakMb(known, work * 1e6)! / mbOf(work)).toBeCloseTo(1, 6)
      },
    ),
  )
})

test('noise is no growth: what a smaller model took is the least, and nothing is drawn on', () => {
  const flat = [
    { work: 1000, peakMb: 57.9 },
    { work: 2000, peakMb: 58.4 },
    { work: 3000, peakMb: 58.1 },
  ]
  expect(predictPeakMb(flat, 100_000)).toBe(58.4)
})

test('larger models and far ones tell nothing of the growth; where no smaller one is there is no prediction', () => {
  const known = [
    { work: 1e6, peakMb: 100 },
    { work: 2e6, peakMb: 200 },
  ]
  expect(predictPeakMb(known, 1e5)).toBeUndefined()
  expect(predictPeakMb(known, 1.5e6)).toBe(100)
  expect(predictPeakMb(known, 4e6)).toBeCloseTo(400)
  expect(predictPeakMb(known, 1e12)).toBe(200)
})
