import { expect, test } from 'vitest'
import type { PlanOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { PHASES, type Phase, type Row } from '../row/schema.ts'
import { formatDuration } from '../render/format.ts'
import { renderLiveLine } from '../render/live-line.ts'
import { RunProgress } from './run-progress.ts'

const ITERATIONS = { compile: 1, witness: 2, prove: 3, verify: 3 }
const SECONDS: Record<Phase, number> = { compile: 40, witness: 1, prove: 8, verify: 0.5 }
const WIDE = { columns: 200, unicode: true }

function planOf(costs: number[], more: Partial<Plan> = {}, sampling?: PlanOptions['sampling']): Plan {
  const points = costs.map((cost, i) => ({ id: `p${i}`, params: {}, cost }))
  const track = { name: 't', results: '', params: {}, points, empty: '' }
  const provers = proversOf({ name: 'toy' })
  const options = { iterations: ITERATIONS, sampling }
  return { tracks: [track], options, provers, interleave: false, ...more } as unknown as Plan
}

const proversOf = (...own: { name: string; settings?: Plan['provers'][number]['settings'] }[]) =>
  own.map((one) => ({ settings: {}, located: {}, phases: [...PHASES], ...one })) as Plan['provers']

function* rowsOf(costs: number[], prover = 'toy', iterations = ITERATIONS): Generator<Row> {
  for (const [i, cost] of costs.entries())
    for (const phase of PHASES)
      for (let iteration = 1; iteration <= iterations[phase]; iteration++)
        yield { track: 't', point: `p${i}`, phase, prover: { name: prover }, time_s: SECONDS[phase] * cost }
}

const total = (rows: Iterable<Row>) => [...rows].reduce((sum, { time_s }) => sum + time_s!, 0)

test('where time grows with what a point costs, the time left is exact once each phase was measured', () => {
  const costs = [1, 3, 2]
  const progress = new RunProgress(planOf(costs))
  let left = total(rowsOf(costs))
  let told = 0
  for (const row of rowsOf(costs)) {
    progress.add(row)
    left -= row.time_s!
    const estimate = progress.estimateLeftS()
    expect(estimate ?? left).toBeCloseTo(left, 6)
    told += Number(estimate !== undefined)
  }
  // Unknown until the first verify of the first point.
  expect(told).toBe(27 - 6)
  expect(progress.estimateLeftS()).toBe(0)
  expect(progress.donePoints()).toBe(3)
})

test('the time of what runs now is taken off, and a phase that takes longer than thought leaves no less than the rest', () => {
  const progress = new RunProgress(planOf([1, 1]))
  for (const row of rowsOf([1])) progress.add(row)
  const at = (elapsedS: number) =>
    progress.estimateLeftS({ track: 't', point: 'p1', phase: 'compile', elapsedS })!
  expect(at(0) - at(10)).toBeCloseTo(10)
  expect(at(40)).toBeCloseTo(at(400))
  expect(at(400)).toBeCloseTo(total(rowsOf([1])) - SECONDS.compile)
})

test('a phase is over where a later one has begun, whatever its plan', () => {
  const sampling = { target: 0.05, confidence: 0.95, min: 6, max: 30, budget_s: 300 }
  const progress = new RunProgress(planOf([1], {}, sampling))
  for (const row of rowsOf([1], 'toy', { compile: 1, witness: 9, prove: 4, verify: 1 })) progress.add(row)
  expect(progress.estimateLeftS()).toBeCloseTo(SECONDS.verify * 5)
})

test('phases that a filter leaves out are not waited for', () => {
  const progress = new RunProgress(planOf([1, 1]), (_track, _point, phase) => phase === 'prove')
  for (const row of rowsOf([1])) if (row.phase === 'prove') progress.add(row)
  expect(progress.estimateLeftS()).toBeCloseTo(SECONDS.prove * 3)
  expect(progress.donePoints()).toBe(1)
})

test('each variant has its own pace; two that rows cannot tell apart share it', () => {
  const two = new RunProgress(planOf([1], { provers: proversOf({ name: 'toy' }, { name: 'other' }) }))
  for (const row of rowsOf([1])) two.add(row)
  expect(two.estimateLeftS()).toBeUndefined()
  expect(two.donePoints()).toBe(0.5)
  const alike = new RunProgress(planOf([1], { provers: proversOf({ name: 'toy' }, { name: 'toy' }) }))
  for (const row of rowsOf([1])) alike.add(row)
  expect(alike.estimateLeftS()).toBeCloseTo(total(rowsOf([1])))
})

test('the settings of one prover are variants: a slow one does not slow down the estimate of a fast one', () => {
  const settings = [{ scale_bits: 8 }, { scale_bits: 12 }]
  const provers = proversOf(...settings.map((own) => ({ name: 'toy', settings: own })))
  const progress = new RunProgress(planOf([1, 1], { provers }))
  for (const row of rowsOf([1])) progress.add({ ...row, settings: settings[0]! })
  expect(progress.estimateLeftS()).toBeUndefined()
  for (const row of rowsOf([1])) progress.add({ ...row, settings: settings[1]!, time_s: row.time_s! * 10 })
  const each = total(rowsOf([1]))
  expect(progress.estimateLeftS()).toBeCloseTo(each + each * 10)
  // The first variant is done with its compile, so what runs is the compile of the second, of 400 s.
  progress.add({ ...[...rowsOf([1, 1])].find(({ point }) => point === 'p1')!, settings: settings[0]! })
  const at = (elapsedS: number) =>
    progress.estimateLeftS({ track: 't', point: 'p1', phase: 'compile', elapsedS })!
  expect(at(0) - at(100)).toBeCloseTo(100)
})

test('proofs that are made at once take their time together', () => {
  const settings = { concurrency: 3 }
  const progress = new RunProgress(planOf([1, 1], { provers: proversOf({ name: 'toy', settings }) }))
  for (const row of rowsOf([1])) progress.add({ ...row, settings })
  expect(progress.estimateLeftS()).toBeCloseTo(total(rowsOf([1])) - SECONDS.prove * 2)
})

test('a point that failed early does not hold the bar back', () => {
  const progress = new RunProgress(planOf([1, 1, 1]))
  progress.add({ track: 't', point: 'p0', phase: 'compile', prover: { name: 'toy' }, time_s: 1 })
  progress.add({ track: 't', point: 'p2', phase: 'compile', prover: { name: 'toy' }, time_s: 1 })
  expect(Math.floor(progress.donePoints())).toBe(2)
})

test('the line says what runs, fits the terminal, and shows no control characters of a model', () => {
  const running = {
    track: 't',
    point: 'a\u001B[31mb',
    index: 1,
    points: 3,
    phase: 'prove',
    iteration: 2,
    startedMs: 0,
    rssMb: 210.4,
    peakMb: 237,
  } as const
  const state = { donePoints: 1.5, points: 3, running, elapsedS: 1.44, leftS: 65 }
  expect(renderLiveLine(state, WIDE)).toBe(
    '██████████░░░░░░░░░░ 1/3 points · a [31mb · prove 2 · 1.4 s · 210.4 MB, peak 237.0 MB · about 1 min 05 s left',
  )
  expect(renderLiveLine(state, { columns: 40, unicode: true })).toHaveLength(39)
  expect(
    renderLiveLine({ ...state, running: undefined, leftS: undefined }, { columns: 80, unicode: false }),
  ).toBe('##########.......... 1/3 points | between two phases')
  expect(
    renderLiveLine({ ...state, running: { ...running, point: '模型' } }, { columns: 40, unicode: true }),
  ).toMatch(/· 模型 $/)
})

test('durations read as people say them', () => {
  expect([0.04, 59.9, 61, 3599, 3600, 7860].map(formatDuration)).toEqual([
    '0.0 s',
    '59.9 s',
    '1 min 01 s',
    '59 min 59 s',
    '1 h 00 min',
    '2 h 11 min',
  ])
})
