import { expect, test } from 'vitest'
import { testMannWhitney } from './mann-whitney.ts'
import { drawLogNormal } from './random.ts'

// Source of u and p: scipy 1.17.1, scipy.stats.mannwhitneyu(first, second, alternative, method). For small samples with
// ties, which scipy only approximates: a full enumeration of the ways to choose the first sample from both.
const APART = {
  first: [1.31, 1.35, 1.29, 1.42, 1.38],
  second: [1.44, 1.51, 1.4, 1.47, 1.36, 1.55],
}
const TIED = { first: [1, 2, 2, 3, 5, 5, 5], second: [2, 3, 4, 5, 6, 6, 7, 8] }
const LARGE = {
  first: Array.from({ length: 60 }, (_, i) => ((i * 37) % 61) / 10 + i * 0.05),
  second: Array.from({ length: 55 }, (_, i) => ((i * 53) % 59) / 10 + 0.4),
}

test.each([
  { ...APART, alternative: 'two-sided', u: 3, p: 0.030303030303030304, method: 'exact' },
  { ...APART, alternative: 'greater', u: 3, p: 0.9913419913419913, method: 'exact' },
  { ...APART, alternative: 'less', u: 3, p: 0.015151515151515152, method: 'exact' },
  { ...TIED, alternative: 'two-sided', u: 13, p: 0.08142968142968143, method: 'exact' },
  { ...TIED, alternative: 'greater', u: 13, p: 0.965967365967366, method: 'exact' },
  { ...TIED, alternative: 'less', u: 13, p: 0.04071484071484072, method: 'exact' },
  { ...LARGE, alternative: 'two-sided', u: 2142.5, p: 0.00587404203533037, method: 'normal' },
  { ...LARGE, alternative: 'less', u: 2142.5, p: 0.9971128497295473, method: 'normal' },
] as const)(
  'agrees with other counts: $method, $alternative, u = $u',
  ({ first, second, alternative, u, p, method }) => {
    const result = testMannWhitney(first, second)
    expect(result).toMatchObject({ u, method })
    const name = ({ 'two-sided': 'p', greater: 'pGreater', less: 'pLess' } as const)[alternative]
    expect(result?.[name]).toBeCloseTo(p, 10)
  },
)

test('can reach p = 0.1 at best with 3 against 3, and 0.029 with 4 against 4', () => {
  expect(testMannWhitney([1, 2, 3], [4, 5, 6])?.p).toBeCloseTo(0.1, 12)
  expect(testMannWhitney([1, 2, 3, 4], [5, 6, 7, 8])?.p).toBeCloseTo(0.02857142857142857, 12)
})

test('swapping the samples mirrors u and keeps p', () => {
  const straight = testMannWhitney(APART.first, APART.second)
  const swapped = testMannWhitney(APART.second, APART.first)
  expect(swapped?.u).toBe(30 - (straight?.u ?? Number.NaN))
  expect(swapped?.p).toBeCloseTo(straight?.p ?? Number.NaN, 12)
})

test('equal values give no evidence and an empty sample no answer', () => {
  expect(testMannWhitney([2, 2, 2], [2, 2, 2])?.p).toBe(1)
  expect(testMannWhitney([], [1])).toBeNull()
})

test('ties within a sample leave full separation as rare as it is', () => {
  const { pGreater } = testMannWhitney([12, 12, 12, 13, 13, 13], [10, 10, 10, 10, 10, 11]) ?? {}
  expect(pGreater).toBeCloseTo(1 / 924, 12)
})

test('with many ties exact and normal agree where one gives way to the other', () => {
  const first = Array.from({ length: 20 }, (_, i) => i % 7)
  const second = Array.from({ length: 20 }, (_, i) => (i % 9) + 1)
  const exact = testMannWhitney(first, second)
  const normal = testMannWhitney([...first, 3], [...second, 3])
  expect([exact?.method, normal?.method]).toEqual(['exact', 'normal'])
  expect(Math.abs((exact?.p ?? 0) - (normal?.p ?? 1))).toBeLessThan(0.03)
})

test('exact and normal agree where one gives way to the other', () => {
  const first = Array.from({ length: 50 }, drawLogNormal(0.3, 1))
  const second = Array.from({ length: 50 }, drawLogNormal(0.3, 2)).map((x) => x * 1.15)
  const exact = testMannWhitney(first, second)
  const normal = testMannWhitney([...first, 1], [...second, 1])
  expect([exact?.method, normal?.method]).toEqual(['exact', 'normal'])
  expect(Math.abs((exact?.p ?? 0) - (normal?.p ?? 1))).toBeLessThan(0.01)
})
