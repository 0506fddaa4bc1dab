import { fileURLToPath } from 'node:url'
import stringWidth from 'fast-string-width'
import { expect, test } from 'vitest'
import { summarizeFiles, summarizeRows, type PointSummary } from '../row/summary.ts'
import { renderCard } from './card.ts'
import { renderRunCard } from './run-card.ts'
import type { CardStyle } from './terminal.ts'

const WIDE: CardStyle = { width: 100, unicode: true, color: false }

async function summarize(name: string): Promise<PointSummary[]> {
  const path = fileURLToPath(new URL(`../../fixtures/rows/${name}.jsonl`, import.meta.url))
  return (await summarizeFiles([path])).points
}

async function cardOf(name: string, style: Partial<CardStyle> = {}): Promise<string> {
  const [point] = await summarize(name)
  return renderCard(point as PointSummary, { ...WIDE, ...style })
}

test('rows of jst bench: only its fields, and whose clock they have', async () => {
  expect(await cardOf('reference')).toMatchInlineSnapshot(`
    "depth_d1_c1_p1_f1_r2 · 1,358 parameters
    ┌─────────┬───┬──────────┬────────┬─────────────────────┬──────────┬───────┬─────────────────────┐
    │ phase   │ n │ time (s) │   best │ t-bar               │ mem (MB) │  peak │ m-bar               │
    ├─────────┼───┼──────────┼────────┼─────────────────────┼──────────┼───────┼─────────────────────┤
    │ compile │ 1 │    0.991 │  0.991 │ ██████████████      │    638.8 │ 638.8 │ ███████████████████ │
    │ witness │ 1 │   0.0682 │ 0.0682 │ █                   │    529.7 │ 529.7 │ ████████████████    │
    │ prove   │ 1 │    1.351 │  1.351 │ ███████████████████ │    588.8 │ 588.8 │ ██████████████████  │
    │ verify  │ 1 │    1.334 │  1.334 │ ███████████████████ │    572.3 │ 572.3 │ █████████████████   │
    └─────────┴───┴──────────┴────────┴─────────────────────┴──────────┴───────┴─────────────────────┘
    counters  totalCost 23,521,323 · numInputs 2 · numConstraints 2,000 · numInsns 83,930
              numVars 92,692 · numTerms 156,814 · numSegment 21 · numLayer 16 · numUsedInputs 11,032
              numUsedVariables 43,260 · numVariables 65,539 · numAdd 54,791 · numCst 1,150
              numMul 41,560
    sizes     circuit 4.74 MiB · quantized 13.6 KiB · witness 520 KiB · output 322 B · proof 39.6 KiB
    figures   time: the prover's own (rows without time_source)"
  `)
})

test('failed and skipped rows are counted and named; clocks that part are flagged', async () => {
  expect(await cardOf('failed-prove')).toMatchInlineSnapshot(`
    "depth_d1_c1_p1_f1_r2 · track depth · gnark 0.1.0 · 1,358 parameters
    ┌─────────┬─────┬─────────────────┬────────┬─────────┬─────────┬──────────────┬───────┬─────────┐
    │ phase   │   n │        time (s) │   best │ t-bar   │ CPU (s) │     mem (MB) │  peak │ m-bar   │
    ├─────────┼─────┼─────────────────┼────────┼─────────┼─────────┼──────────────┼───────┼─────────┤
    │ compile │   1 │           3.250 │  3.250 │ ███████ │   5.250 │        812.5 │ 812.5 │ ███████ │
    │ witness │   3 │   0.300 ± 0.010 │  0.290 │ █       │   0.530 │  120.3 ± 0.0 │ 120.3 │ █       │
    │ prove   │ 2/3 │   1.550 ± 0.071 │  1.500 │ ███     │   2.530 │ 647.8 ± 11.0 │ 655.5 │ ██████  │
    │ verify  │ 2/3 │ 0.0115 ± 0.0007 │ 0.0110 │ █       │  0.0684 │   40.5 ± 0.7 │  41.0 │ █       │
    └─────────┴─────┴─────────────────┴────────┴─────────┴─────────┴──────────────┴───────┴─────────┘
    counters  totalCost 121,345 · numConstraints 41,234 · numVars 80,111
    sizes     circuit 4.74 MiB · quantized 13.6 KiB · witness 520 KiB · output 322 B · proof 192 B
    figures   time: wall clock · memory: hwm
    ✗ prove: 1 failed (PHASE_FAILED, exit code 2, iteration 3): prove of depth_d1_c1_p1_f1_r2 ended with exit code 2: panic: no witness
    ✗ verify: 1 skipped (EARLIER_PHASE_FAILED, iteration 3): prove of iteration 3 did not end well
    ! prove: wall clock 1.55 s, the prover itself reports 0.93 s"
  `)
})

test('a sampling plan: n, interval and whether the target was met', async () => {
  expect(await cardOf('sampled')).toMatchInlineSnapshot(`
    "depth_d1_c1_p1_f1_r2 · track depth · gnark 0.1.0 · 1,358 parameters
    ┌────────┬───┬─────────────────┬────────┬───────────┬─────────┬─────────────┬───────┬───────────┐
    │ phase  │ n │        time (s) │   best │ t-bar     │ CPU (s) │    mem (MB) │  peak │ m-bar     │
    ├────────┼───┼─────────────────┼────────┼───────────┼─────────┼─────────────┼───────┼───────────┤
    │ prove  │ 8 │   1.500 ± 0.018 │  1.479 │ █████████ │   2.450 │ 640.0 ± 0.0 │ 640.0 │ █████████ │
    │ verify │ 6 │ 0.0191 ± 0.0053 │ 0.0109 │ █         │  0.0806 │  40.0 ± 0.0 │  40.0 │ █         │
    └────────┴───┴─────────────────┴────────┴───────────┴─────────┴─────────────┴───────┴───────────┘
    figures   time: wall clock · memory: hwm
    prove: median 1.498 s, 95 % interval over iterations 1.479 to 1.520 s (± 1.4 %); target ± 5.0 % met with n 8 of 6 to 30
    verify: median 0.0197 s, 95 % interval over iterations 0.0129 to 0.0243 s (± 29 %); target ± 5.0 % not met with n 6 of 6 to 6"
  `)
})

test('ASCII holds nothing else', async () => {
  const card = await cardOf('failed-prove', { unicode: false })
  // oxlint-disable-next-line no-control-regex -- exactly the range of ASCII
  expect(card).toMatch(/^[\n\u0020-\u007E]*$/)
  expect(card).toMatchInlineSnapshot(`
    "depth_d1_c1_p1_f1_r2 | track depth | gnark 0.1.0 | 1,358 parameters
    +---------+-----+-------------------+--------+-------+---------+----------------+-------+-------+
    | phase   |   n |          time (s) |   best | t-bar | CPU (s) |       mem (MB) |  peak | m-bar |
    +---------+-----+-------------------+--------+-------+---------+----------------+-------+-------+
    | compile |   1 |             3.250 |  3.250 | ##### |   5.250 |          812.5 | 812.5 | ##### |
    | witness |   3 |   0.300 +/- 0.010 |  0.290 | #     |   0.530 |  120.3 +/- 0.0 | 120.3 | #     |
    | prove   | 2/3 |   1.550 +/- 0.071 |  1.500 | ##    |   2.530 | 647.8 +/- 11.0 | 655.5 | ####  |
    | verify  | 2/3 | 0.0115 +/- 0.0007 | 0.0110 | #     |  0.0684 |   40.5 +/- 0.7 |  41.0 | #     |
    +---------+-----+-------------------+--------+-------+---------+----------------+-------+-------+
    counters  totalCost 121,345 | numConstraints 41,234 | numVars 80,111
    sizes     circuit 4.74 MiB | quantized 13.6 KiB | witness 520 KiB | output 322 B | proof 192 B
    figures   time: wall clock | memory: hwm
    x prove: 1 failed (PHASE_FAILED, exit code 2, iteration 3): prove of depth_d1_c1_p1_f1_r2 ended with exit code 2: panic: no witness
    x verify: 1 skipped (EARLIER_PHASE_FAILED, iteration 3): prove of iteration 3 did not end well
    ! prove: wall clock 1.55 s, the prover itself reports 0.93 s"
  `)
})

test.each([40, 50, 60, 72, 80, 100, 120, 200])(
  'the card fits %i columns, and all lines of its table are of one width',
  async (width) => {
    for (const unicode of [true, false]) {
      const lines = (await cardOf('failed-prove', { width, columns: width, unicode })).split('\n')
      const table = lines.filter((line) => /^[┌│├└+|]/.test(line))
      expect(new Set(table.map((line) => stringWidth(line))).size).toBe(1)
      expect(stringWidth(table[0]!)).toBeLessThanOrEqual(width)
      // Success count, time and memory of a phase are shown at any width.
      expect(table.join('\n')).toMatch(/prove +. 2\/3 . +1\.550.* 6\d\d\.\d/)
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width)
    }
  },
)

test('a narrow card drops bars, then best times and peaks, then the sd of time', async () => {
  const headAt = async (width: number) =>
    (await cardOf('failed-prove', { width })).split('\n').find((line) => line.startsWith('│'))
  expect(await headAt(66)).toMatch(/phase .* n .* time .* best .* mem .* peak /)
  expect(await headAt(60)).toMatch(/phase .* n .* time .* mem .* peak /)
  expect(await headAt(50)).toMatch(/phase .* n .* time .* mem /)
  expect(await cardOf('failed-prove', { width: 50 })).toContain('0.300 ± 0.010')
  expect(await headAt(40)).toMatch(/^│ phase +│ +n │ time \(s\) │ mem \(MB\) │$/)
  expect(await cardOf('failed-prove', { width: 40 })).not.toContain('±')
})

test('wide and combining signs in names: the frames stay straight, no sign is cut in two', () => {
  const names = ['卷积神经网络模型'.repeat(4), '👩‍👩‍👧‍👦'.repeat(20), 'e\u0301'.repeat(50), 'x'.repeat(70)]
  const points = summarizeRows(
    names.map((point) => ({ phase: 'prove' as const, point, status: 'ok' as const, time_s: 1, mem_mb: 10 })),
  )
  for (const width of [40, 60, 120]) {
    const table = renderRunCard(points, { ...WIDE, width })
      .split('\n')
      .filter((line) => /^[┌│├└]/.test(line))
    expect([...new Set(table.map((line) => stringWidth(line)))]).toEqual([stringWidth(table[0]!)])
    expect(stringWidth(table[0]!)).toBeLessThanOrEqual(width)
    expect(table.join('')).not.toMatch(/\p{Cs}|│ \u0301|│ \u200D|\u200D …/u)
  }
})

test('colour changes nothing but colour', async () => {
  const colored = await cardOf('failed-prove', { color: true })
  // oxlint-disable-next-line no-control-regex -- the escape sequences of colour
  expect(colored.replaceAll(/\u001B\[\d+m/g, '')).toBe(await cardOf('failed-prove'))
  expect(colored).toContain('\u001B[31m✗ prove')
})

test('text from rows can neither move the cursor nor break the table', () => {
  const hostile = '\u001B[2Jname\r\nnext\u202E'
  const [point] = summarizeRows([
    {
      phase: 'prove',
      point: hostile,
      prover: { name: hostile },
      status: 'failed',
      error: { code: 'PHASE_FAILED', message: hostile },
    },
  ])
  const card = renderCard(point as PointSummary, WIDE)
  // oxlint-disable-next-line no-control-regex -- exactly what has to be absent
  expect(card).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/)
  expect(card.split('\n')[0]).toContain('name next')
})

test('no figure is ever NaN, infinite or undefined, whatever is missing', () => {
  const extremes = summarizeRows([
    { phase: 'prove', status: 'skipped' },
    { phase: 'verify', status: 'ok', time_s: 0, mem_mb: 0 },
    { phase: 'witness', status: 'ok', time_s: 1e308, mem_mb: 1e308 },
    { phase: 'witness', status: 'ok', time_s: 1e308, mem_mb: 5e-324, ecc: { totalCost: -1e300 } },
  ])
  for (const text of [renderCard(extremes[0] as PointSummary, WIDE), renderRunCard(extremes, WIDE)]) {
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/)
  }
})

test('the card of a run: every point, failures counted, scaling laws', async () => {
  expect(renderRunCard(await summarize('sweep'), WIDE)).toMatchInlineSnapshot(`
    "run run-b · 4 points · 16 rows ok
    ┌──────────┬─────────────┬───────────┬───────────┬───────────┐
    │ point    │ compile (s) │ prove (s) │ peak (MB) │ totalCost │
    ├──────────┼─────────────┼───────────┼───────────┼───────────┤
    │ depth_d1 │       2.347 │     0.389 │     220.0 │   120,000 │
    │ depth_d2 │       5.199 │     0.912 │     360.0 │   260,000 │
    │ depth_d3 │      10.732 │     2.054 │     650.0 │   550,000 │
    │ depth_d4 │      22.346 │     4.392 │    1200.0 │ 1,100,000 │
    └──────────┴─────────────┴───────────┴───────────┴───────────┘
    ┌──────────────┬────────────────┬──────────────────┬───────────────┬───────┬──────────┬────────┐
    │ sweep        │ grows          │ as               │ 95 % interval │    R² │ residual │ points │
    ├──────────────┼────────────────┼──────────────────┼───────────────┼───────┼──────────┼────────┤
    │ depth, gnark │ totalCost      │ depth^1.56       │  0.71 to 2.41 │ 0.969 │    ×1.23 │      4 │
    │ depth, gnark │ compile time   │ depth^1.58       │  0.71 to 2.46 │ 0.968 │    ×1.24 │      4 │
    │ depth, gnark │ compile memory │ depth^1.18       │  0.27 to 2.10 │ 0.939 │    ×1.25 │      4 │
    │ depth, gnark │ prove time     │ depth^1.71       │  0.77 to 2.64 │ 0.969 │    ×1.25 │      4 │
    │ depth, gnark │ prove memory   │ depth^1.04       │  0.15 to 1.94 │ 0.926 │    ×1.24 │      4 │
    │ depth, gnark │ totalCost      │ param_count^1.18 │  0.33 to 2.02 │ 0.947 │    ×1.31 │      4 │
    │ depth, gnark │ compile time   │ param_count^1.19 │  0.33 to 2.05 │ 0.947 │    ×1.31 │      4 │
    │ depth, gnark │ compile memory │ param_count^0.89 │  0.04 to 1.73 │ 0.911 │    ×1.31 │      4 │
    │ depth, gnark │ prove time     │ param_count^1.28 │  0.36 to 2.21 │ 0.947 │    ×1.34 │      4 │
    │ depth, gnark │ prove memory   │ param_count^0.78 │ -0.03 to 1.59 │ 0.895 │    ×1.29 │      4 │
    │ depth, gnark │ compile time   │ totalCost^1.01   │  0.96 to 1.06 │ 1.000 │    ×1.02 │      4 │
    │ depth, gnark │ compile memory │ totalCost^0.77   │  0.60 to 0.94 │ 0.995 │    ×1.07 │      4 │
    │ depth, gnark │ prove time     │ totalCost^1.09   │  1.08 to 1.10 │ 1.000 │    ×1.00 │      4 │
    │ depth, gnark │ prove memory   │ totalCost^0.68   │  0.47 to 0.89 │ 0.990 │    ×1.08 │      4 │
    └──────────────┴────────────────┴──────────────────┴───────────────┴───────┴──────────┴────────┘"
  `)
  expect(renderRunCard(await summarize('failed-prove'), WIDE)).toContain('✗ 2 not ok: 1 failed, 1 skipped')
})

test('the card of a run leaves the cheap phases out where the terminal is narrow', async () => {
  const points = await summarize('sweep')
  const headAt = (width: number) => renderRunCard(points, { ...WIDE, width }).split('\n')[2]
  expect(headAt(80)).toBe('│ point    │ compile (s) │ prove (s) │ peak (MB) │ totalCost │')
  expect(headAt(60)).toBe('│ point    │ prove (s) │ peak (MB) │ totalCost │')
  expect(headAt(40)).toBe('│ point    │ prove (s) │ peak (MB) │')
})

test('names that are too long for the card of a run go on in the next line', async () => {
  const [point] = await summarize('failed-prove')
  const points = [point!, { ...point!, point: 'breadth_h14_d2_c2_p2_f1_r3' }]
  const card = renderRunCard(points, { ...WIDE, width: 40 })
  expect(
    card
      .match(/^│ \S+/gm)!
      .map((line) => line.slice(2))
      .join(''),
  ).toContain('breadth_h14_d2_c2_p2_f1_r3')
  expect(Math.max(...card.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(40)
})

test.each([60, 80, 120, 200])(
  'sentences break between words at %i columns, and not in a file',
  async (width) => {
    const sentences = (text: string) => text.slice(text.search(/^[✗!]/m))
    const whole = sentences(await cardOf('failed-prove', { width }))
    const wrapped = sentences(await cardOf('failed-prove', { width, columns: width }))
    expect(whole.split('\n')).toHaveLength(3)
    expect(wrapped.replaceAll('\n  ', ' ')).toBe(whole)
  },
)
