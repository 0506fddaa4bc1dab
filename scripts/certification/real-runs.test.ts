import { readFileSync } from 'node:fs'
import { geometricMean, mean, median, rootMeanSquare, standardDeviation } from 'simple-statistics'
import { expect, test } from 'vitest'
import { changeOfRuns } from '../../src/row/statistics/change.ts'
import {
  clusteredInterval,
  countDisturbed,
  exactInterval,
  judgeRealRuns,
  LEAST_S,
  readRealRuns,
  renderRealRuns,
} from './real-runs.ts'

const FOLDER = 'fixtures/certification'
const outcomes = judgeRealRuns(FOLDER)
const machines = countDisturbed(FOLDER)

// A rate is contradicted if it lies outside the interval of the real runs.
test('real runs contradict no claim on false regressions', () => {
  expect(outcomes.length).toBeGreaterThan(0)
  expect(outcomes.filter(({ falseAlarms }) => falseAlarms.interval[0] > 0.01)).toEqual([])
})

test('real runs of a quiet machine contradict no claim on what is found, ok and disturbed', () => {
  const idle = outcomes.filter(({ machine }) => machine === 'idle')
  const least = { 0.2: 0.95, 1: 0.95, 2: 0.99 } as Record<number, number>
  const missed = idle.filter(({ design, found }) => found && found.interval[1] < least[design.slowdown]!)
  expect(missed).toEqual([])
  const inTurns = idle.filter(({ design }) => design.baseline === 0 && design.limit === '+10 %')
  expect(inTurns.filter(({ ok }) => ok.interval[1] < 0.9)).toEqual([])
  const quiet = machines.filter(({ machine }) => machine === 'idle')
  expect(quiet.filter(({ disturbed }) => disturbed.interval[0] > 0.05)).toEqual([])
})

test.each(['idle', 'idle-before', 'in-use'])(
  'levels of separate runs scatter less than their medians: %s',
  (machine) => {
    const runs = readRealRuns(`${FOLDER}/${machine}.jsonl`).flat()
    const separate = runs.filter(({ side, time_s: times }) => !side && times.length >= 10)
    const ratios = [...Map.groupBy(separate, ({ prover, phase }) => `${prover} ${phase}`).values()].map(
      (own) => {
        const times = own.map(({ time_s }) => time_s)
        const levels = times.map((run) => changeOfRuns([times[0]!], [run], 0.1).log)
        return standardDeviation(levels) / standardDeviation(times.map((run) => Math.log(median(run))))
      },
    )
    expect(ratios).toHaveLength(6)
    expect(geometricMean(ratios)).toBeLessThan(0.98)
  },
)

/** Logarithms of the times of each phase of the comparisons on a machine, in the order in which they were measured. */
function readTurns(machine: string, prover: string): number[][] {
  return readRealRuns(`${FOLDER}/${machine}.jsonl`).flatMap((lines) => {
    const sides = lines.filter(
      (line) => line.prover === prover && line.at?.length === 20 && median(line.time_s) >= LEAST_S,
    )
    return [...Map.groupBy(sides, ({ phase }) => phase).values()].map((own) =>
      own
        .flatMap(({ at, time_s: times }) => times.map((time, i) => ({ at: at![i]!, log: Math.log(time) })))
        .toSorted((one, other) => one.at - other.at)
        .map(({ log }) => log),
    )
  })
}

test('two sides differ less by chance in the order A B, A B than in the order A B, B A', () => {
  const series = ['idle', 'idle-before', 'in-use'].flatMap((machine) => readTurns(machine, 'gnark'))
  // Both sides are the same build, so any iteration may count as one of either.
  const sdOf = (isFirst: (t: number) => boolean) =>
    rootMeanSquare(
      series.map((logs) => {
        const [a, b] = [true, false].map((first) => mean(logs.filter((_, t) => isFirst(t) === first)))
        return b! - a!
      }),
    )
  const same = sdOf((t) => t % 2 === 0)
  const alternating = sdOf((t) => (t + 1) % 4 < 2)
  expect(same).toBeLessThan(0.8 * alternating)
  const percent = (sd: number) => `${(100 * sd).toFixed(1)} %`
  expect(readFileSync('docs/gate.md', 'utf8').replaceAll(/\s+/g, ' ')).toContain(
    `the ${series.length} phases of the embedded prover in the runs above, two sides differ by ${percent(same)} (sd) in the order A B, A B, by ${percent(alternating)} in the order A B, B A`,
  )
})

test('docs/gate.md shows what the gate says of them', () => {
  const shown = readFileSync('docs/gate.md', 'utf8').split('<!-- real-runs')[1]!.split('<!-- /real-runs')[0]!
  const lines = (text: string) =>
    text
      .match(/^(?:\||- ).*$/gm)!
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => !/^-+$/.test(cells[1] ?? ''))
  expect(lines(shown)).toEqual(lines(renderRealRuns(outcomes, machines)))
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

// Source: scripts/certification/reference.py, scipy 1.18.1.
test.each([
  [[9, 8, 9, 3, 9], [9, 9, 9, 9, 9], 0.2681467111167764, 0.9993752074365055],
  [[9, 9, 9], [9, 9, 9], 0.2924017738212866, 1],
  [[0, 1, 0, 0], [4, 4, 5, 3], 1.5229065922903571e-5, 0.504484508501134],
])('figures of one comparison depend on each other: %j of %j', (some, all, lo, hi) => {
  const interval = clusteredInterval(some.map((own, i) => ({ some: own, all: all[i]! })))
  expect(interval[0]).toBeCloseTo(lo, 7)
  expect(interval[1]).toBeCloseTo(hi, 7)
})
