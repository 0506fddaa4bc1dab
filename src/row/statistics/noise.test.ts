import { expect, test } from 'vitest'
import { findNoise, findOutliers, tukeyFences } from './noise.ts'
import { drawLogNormal } from './random.ts'

const codes = (samples: number[]) => findNoise(samples).map(({ code }) => code)

test("Tukey's fences stand one and a half interquartile ranges beyond the quartiles", () => {
  // Quartiles 2.75 and 6.25, as numpy.percentile gives them.
  expect(tukeyFences([1, 2, 3, 4, 5, 6, 7, 50])).toEqual({ lower: -2.5, upper: 11.5 })
  expect(findOutliers([1, 2, 3, 50, 4, 5, 6, 7])).toEqual([3])
  expect(tukeyFences([1, 2, 3])).toBeNull()
})

test('a slow first time is reported once, not as an outlier or a trend too', () => {
  expect(codes([3.1, 1.01, 1.0, 1.02, 0.99, 1.01, 1.0, 1.02])).toEqual(['FIRST_RUN_SLOW'])
  expect(findNoise([2, 1, 1, 1, 1])[0]?.message).toContain('100 % longer')
})

test('far runs in the middle are outliers', () => {
  expect(codes([1.0, 1.01, 0.99, 2.5, 1.02, 1.0, 1.01])).toEqual(['OUTLIERS'])
})

test('a series that climbs drifts', () => {
  expect(codes(Array.from({ length: 12 }, (_, i) => 1 + i * 0.02))).toEqual(['DRIFT'])
})

test('slow swings are told as serial correlation', () => {
  expect(codes(Array.from({ length: 40 }, (_, i) => 1 + 0.2 * Math.sin(i / 3)))).toEqual([
    'SERIAL_CORRELATION',
  ])
})

test('regular differences too small to matter, constant series and few runs are silent', () => {
  expect(codes(Array.from({ length: 12 }, (_, i) => 1 + i * 0.0001))).toEqual([])
  expect(codes(Array.from({ length: 12 }, () => 0))).toEqual([])
  expect(codes([9, 1, 1])).toEqual([])
})

test('is seldom wrong about plain noise', () => {
  const draw = drawLogNormal(0.1, 12)
  const alarms = Array.from({ length: 1000 }, () => codes(Array.from({ length: 15 }, draw))).filter(
    (found) =>
      found.includes('DRIFT') || found.includes('SERIAL_CORRELATION') || found.includes('FIRST_RUN_SLOW'),
  )
  expect(alarms.length / 1000).toBeLessThan(0.04)
})
