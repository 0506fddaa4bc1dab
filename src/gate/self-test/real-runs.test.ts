import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { exactInterval, judgeRealRuns, renderRealRuns } from './real-runs.ts'

const outcomes = judgeRealRuns('fixtures/certification')

test('real runs of one build: none is called a regression, on whatever machine', () => {
  expect(outcomes.length).toBeGreaterThan(0)
  const unchanged = outcomes.filter(({ what }) => !what.includes('slower'))
  expect(unchanged.filter(({ regressions, comparisons }) => regressions > 0.01 * comparisons)).toEqual([])
})

test('docs/gate.md shows what the gate says of them', () => {
  const shown = readFileSync('docs/gate.md', 'utf8').split('<!-- real-runs')[1]!.split('<!-- /real-runs')[0]!
  const table = (text: string) =>
    text
      .match(/^\|.*\|$/gm)!
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => !/^-+$/.test(cells[1]!))
  expect(table(shown)).toEqual(table(renderRealRuns(outcomes)))
})

// Source: scipy 1.17.1, scipy.stats.binomtest(some, all).proportion_ci(method='exact').
test.each([
  [0, 10, 0, 0.30849710781876294],
  [3, 10, 0.06673951117773447, 0.652452850060008],
])('the interval of %i of %i is exact', (some, all, lo, hi) => {
  const interval = exactInterval(some, all)
  expect(interval[0]).toBeCloseTo(lo, 8)
  expect(interval[1]).toBeCloseTo(hi, 8)
})
