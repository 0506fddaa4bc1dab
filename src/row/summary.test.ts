import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { summarizeFiles, summarizeRows, type PointSummary } from './summary.ts'
import { parseRunSelection } from './runs.ts'
import { renderRunCard } from '../render/run-card.ts'
import { findScaling, fitOperatorCosts } from './scaling.ts'
import type { Phase, Row } from './schema.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/rows/${name}.jsonl`, import.meta.url))
const phaseOf = (point: PointSummary | undefined, phase: Phase) =>
  point?.phases.find((own) => own.phase === phase)

const ROW: Row = {
  phase: 'prove',
  track: 't',
  params: { a: 1 },
  status: 'ok',
  return_code: 0,
  time_source: 'wall',
}

test('describes the ok rows of the last run, and counts the others by kind', async () => {
  const { rows, points } = await summarizeFiles([fixture('failed-prove')])
  expect(rows).toBe(10)
  const prove = phaseOf(points[0], 'prove')
  expect(prove).toMatchObject({
    rows: 3,
    ok: 2,
    time_s: { n: 2, mean: 1.55, best: 1.5 },
    mem_mb: { worst: 655.5 },
  })
  expect(prove?.failures).toEqual([
    {
      status: 'failed',
      code: 'PHASE_FAILED',
      return_code: 2,
      signal: null,
      count: 1,
      iterations: [3],
      message: 'prove of depth_d1_c1_p1_f1_r2 ended with exit code 2: panic: no witness',
    },
  ])
  expect(phaseOf(points[0], 'verify')).toMatchObject({ rows: 3, ok: 2, failures: [{ status: 'skipped' }] })
  expect(points[0]).toMatchObject({
    run_ids: ['run-b'],
    counters: { totalCost: { min: 121345, max: 121345 } },
    sizes_bytes: { proof: { min: 192, max: 192 }, quantized: { max: 13902 } },
    mixed: [],
  })
})

test('takes the run that was asked for', async () => {
  const count = async (run: string | undefined, ...files: string[]) =>
    (await summarizeFiles(files.map(fixture), { run: parseRunSelection(run) })).rows
  expect(await count('all', 'failed-prove')).toBe(11)
  expect(await count('run-a', 'failed-prove')).toBe(1)
  expect(await count('nobody', 'failed-prove')).toBe(0)
  // Rows without a run id count as one run. The last run is chosen per file.
  expect(await count(undefined, 'reference', 'failed-prove')).toBe(14)
  expect((await summarizeFiles([fixture('failed-prove')], { run: { except: 'run-b' } })).rows).toBe(1)
})

test('shards of one run meet in one point', async () => {
  const { points } = await summarizeFiles([fixture('sweep'), fixture('sweep')])
  expect(points).toHaveLength(4)
  expect(phaseOf(points[0], 'prove')).toMatchObject({ ok: 6, time_s: { n: 6 } })
})

test("rows of jst bench are of the prover's clock and never pooled with wall clock", () => {
  const points = summarizeRows([
    { ...ROW, time_s: 5 },
    { ...ROW, time_source: null, time_s: 1 },
  ])
  expect(points.map(({ clock, phases }) => [clock, phases[0]?.time_s?.mean])).toEqual([
    ['wall', 5],
    ['prover', 1],
  ])
})

test('an exit code that is not 0 is no ok row, whatever its status says', () => {
  const [point] = summarizeRows([
    { ...ROW, time_s: 5, return_code: 1 },
    { ...ROW, time_s: 5, status: null, return_code: 137 },
    { ...ROW, time_s: null, status: null, return_code: null },
    { ...ROW, time_s: 3, status: null, return_code: null },
    { ...ROW, time_s: 4, status: null },
  ])
  expect(phaseOf(point, 'prove')).toMatchObject({ rows: 5, ok: 1, time_s: { n: 1, mean: 4 } })
  const { failures } = phaseOf(point, 'prove') as { failures: { status: string; count: number }[] }
  expect(failures.map(({ status }) => status)).toEqual(['failed', 'failed', 'skipped', 'failed'])
})

test('clocks that part by more than 20 % and 0.5 s are told once a phase', () => {
  const parting = (wall: number, own: number) =>
    summarizeRows([1, 2, 3].map(() => ({ ...ROW, time_s: wall, time_s_rust: own })))[0]?.phases[0]?.warnings
  expect(parting(2, 1)).toEqual([
    { code: 'CLOCKS_PART', message: 'wall clock 2.00 s, the prover itself reports 1.00 s' },
  ])
  expect(parting(10, 9)).toEqual([])
  expect(parting(0.6, 0.2)).toEqual([])
})

test('says what differs between rows that are pooled, and counters that vary', () => {
  const compile: Row = { ...ROW, phase: 'compile', prover: { name: 'x', version: '1' } }
  const [point] = summarizeRows([
    { ...compile, ecc: { totalCost: 10 } },
    { ...compile, ecc: { totalCost: 11 }, prover: { name: 'x', version: '2' } },
    { ...compile, settings: { sampling: { target: 0.1 } } },
  ])
  expect(point?.mixed).toEqual(['prover version'])
  expect(point?.counters['totalCost']).toEqual({ min: 10, max: 11 })
})

test('variants are never pooled, and named by what differs between those of one prover', () => {
  const prove = (name: string, more: Partial<Row>): Row => ({ ...ROW, prover: { name }, time_s: 1, ...more })
  const settings = { threads: 2, scale_bits: 8, level: 1 }
  const points = summarizeRows([
    prove('x', { settings }),
    prove('x', { settings: { ...settings, scale_bits: 12 } }),
    prove('x', { settings: { level: 1, scale_bits: 8, sampling: 'any' } }),
    prove('x', { settings: { ...settings, warm: true }, process: 'warm' }),
    prove('x', { settings, process: 'own', page_cache: 'cold' }),
    prove('x', { settings, page_cache: 'as-is', time_s: 2 }),
    prove('y', { settings: { scale_bits: 7 } }),
  ])
  expect(points.map(({ label, phases }) => [label, phases[0]?.ok])).toEqual([
    ['x 2 threads scale_bits=8', 2],
    ['x 2 threads scale_bits=12', 1],
    ['x scale_bits=8', 1],
    ['x 2 threads scale_bits=8 warm', 1],
    ['x 2 threads scale_bits=8 cold page cache', 1],
    ['y', 1],
  ])
  // A law over the points of one variant never takes in those of another.
  const sweep = [10, 12].flatMap((bits) =>
    [1, 2, 3, 4].map((size) =>
      prove('x', {
        params: { size },
        settings: { bits },
        param_count: 10 * size,
        time_s: bits === 10 ? size : size ** 2,
      }),
    ),
  )
  const laws = findScaling(summarizeRows(sweep)).filter(({ against }) => against === 'size')
  expect(laws.map(({ label, exponent }) => [label, exponent.toFixed(1)])).toEqual([
    ['x bits=10', '1.0'],
    ['x bits=12', '2.0'],
  ])
})

test('a sampling plan in the rows is judged', async () => {
  const { points } = await summarizeFiles([fixture('sampled')])
  expect(phaseOf(points[0], 'prove')?.sampling).toMatchObject({ target: 0.05, max: 30, met: true })
  expect(phaseOf(points[0], 'verify')?.sampling).toMatchObject({ max: 6, met: false })
  expect(phaseOf(points[0], 'prove')?.relative_half_width).toBeLessThan(0.05)
})

test('fits scaling laws over a sweep', async () => {
  const { points } = await summarizeFiles([fixture('sweep')])
  const laws = findScaling(points)
  expect(laws.map(({ against, phase, metric }) => `${against}: ${phase} ${metric}`)).toEqual([
    'depth: null ecc.totalCost',
    'depth: compile time_s',
    'depth: compile mem_mb',
    'depth: prove time_s',
    'depth: prove mem_mb',
    'param_count: null ecc.totalCost',
    'param_count: compile time_s',
    'param_count: compile mem_mb',
    'param_count: prove time_s',
    'param_count: prove mem_mb',
    'totalCost: compile time_s',
    'totalCost: compile mem_mb',
    'totalCost: prove time_s',
    'totalCost: prove mem_mb',
  ])
  // The fixture's times were drawn around totalCost ^ 1.1 within 3 %.
  expect(laws[12]).toMatchObject({ track: 'depth', prover: 'gnark', held: {}, n: 4 })
  expect(laws[12]?.exponent).toBeCloseTo(1.1, 1)
  expect(findScaling(points.slice(0, 2))).toEqual([])
})

test('the sides of a comparison have laws of their own', () => {
  const sweep = (side: 'a' | 'b', exponent: number) =>
    [1, 10, 100].map((size): Row => ({
      ...ROW,
      phase: 'compile',
      params: { size },
      prover: { name: 'p' },
      side,
      ecc: { totalCost: size },
      time_s: size ** exponent,
    }))
  const laws = findScaling(summarizeRows([...sweep('a', 1), ...sweep('b', 2)])).filter(
    ({ against }) => against === 'totalCost',
  )
  expect(laws.map(({ side, n }) => [side, n])).toEqual([
    ['a', 3],
    ['b', 3],
  ])
  expect(laws[0]?.exponent).toBeCloseTo(1, 10)
  expect(laws[1]?.exponent).toBeCloseTo(2, 10)
})

test('a law along a parameter connects points that differ in nothing else, whatever the type of the others', () => {
  const rows = [1, 2, 4, 8].flatMap((width) =>
    [true, false].flatMap((biased) =>
      [1, 2].map((layers): Row => ({
        ...ROW,
        params: { width, layers, biased, seed: width },
        time_s: layers * width ** (biased ? 2 : 1),
      })),
    ),
  )
  const laws = findScaling(summarizeRows(rows))
  expect(
    laws.map(({ family, against, held, exponent }) => [family, against, held, exponent.toFixed(1)]),
  ).toEqual([
    ['biased true', 'width', { layers: 1 }, '2.0'],
    ['biased true', 'width', { layers: 2 }, '2.0'],
    ['biased false', 'width', { layers: 1 }, '1.0'],
    ['biased false', 'width', { layers: 2 }, '1.0'],
  ])
})

test('the cost of an operator is a line over the numbers of its values, and operators have laws of their own', () => {
  const compile = (op: string, size: number, cost: number): Row => ({
    ...ROW,
    track: 'operators',
    point: `${op}_${size}`,
    phase: 'compile',
    params: { op, size, seed: 1 },
    ecc: { totalCost: cost, numMul: 2 * cost },
    time_s: cost,
    circuit_size_bytes: 10,
  })
  const sizes = [32, 128, 512]
  const points = summarizeRows([
    ...sizes.map((size) => compile('Exp', size, 4000 + 7 * size)),
    ...sizes.map((size) => compile('Abs', size, 5 * size)),
    compile('Sin', 32, 9),
  ])
  const costs = fitOperatorCosts(points)
  expect(costs.map(({ operator, sizes: own }) => [operator, own])).toEqual([
    ['Exp', sizes],
    ['Abs', sizes],
  ])
  const { totalCost, numMul, circuit_size_bytes } = costs[0]!.costs
  expect(totalCost!.fixed).toBeCloseTo(4000, 6)
  expect(totalCost!.per_value).toBeCloseTo(7, 6)
  expect(totalCost!.residual).toBeCloseTo(0, 6)
  expect(numMul!.per_value).toBeCloseTo(14, 6)
  expect(circuit_size_bytes).toEqual({ fixed: 10, per_value: 0, residual: 0 })
  const laws = findScaling(points).filter(
    ({ metric, against }) => metric === 'time_s' && against === 'totalCost',
  )
  expect(laws.map(({ family, n }) => [family, n])).toEqual([
    ['Exp', 3],
    ['Abs', 3],
  ])
  const card = renderRunCard(points, { width: 120, color: false, unicode: false }).replaceAll(/ +/g, ' ')
  expect(card).toContain('| Exp | 32 to 512 | 8,000 + 14 per value | - | 4,000 + 7 per value | 10 |')
  expect(card).toContain('| Abs | 32 to 512 | 10 per value | - | 5 per value | 10 |')
})

test('a row of ours for which nothing ran belongs to the point of those that ran', () => {
  const skipped: Row = {
    phase: 'verify',
    track: 't',
    params: { a: 1 },
    schema: 1,
    status: 'skipped',
    time_s: null,
  }
  const points = summarizeRows([{ ...ROW, schema: 1, time_s: 5 }, skipped])
  expect(points).toHaveLength(1)
  expect(phaseOf(points[0], 'verify')).toMatchObject({ rows: 1, ok: 0, time_s: null, time_s_interval: null })
})
