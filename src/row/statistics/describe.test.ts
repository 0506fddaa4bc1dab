import { expect, test } from 'vitest'
import { describe } from './describe.ts'

test('describes a sample; one value has no sd, none has no figures', () => {
  const description = describe([2, 4, 4, 4, 5, 5, 7, 9])
  expect(description).toMatchObject({ n: 8, mean: 5, best: 2, worst: 9, median: 4.5, mad: 0.5 })
  expect(description?.sd).toBeCloseTo(Math.sqrt(32 / 7), 12)
  expect(describe([3])).toMatchObject({ n: 1, mean: 3, sd: null })
  expect(describe([])).toBeNull()
})
