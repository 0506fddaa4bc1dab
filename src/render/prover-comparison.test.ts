import { expect, test } from 'vitest'
import { summarizeRows } from '../row/summary.ts'
import type { Phase, Row } from '../row/schema.ts'
import { renderProverComparison } from './prover-comparison.ts'

const STYLE = { width: 100, unicode: false, color: false }

function row(prover: string, phase: Phase, time_s: number | null, more: Partial<Row> = {}): Row {
  return {
    phase,
    iteration: 1,
    time_s,
    mem_mb: time_s === null ? null : time_s * 100,
    time_source: 'wall',
    status: time_s === null ? 'skipped' : 'ok',
    return_code: time_s === null ? null : 0,
    track: 'depth',
    point: 'depth_d1',
    params: { depth: 1 },
    prover: { name: prover },
    ...more,
  }
}

const compare = (rows: Row[]) => renderProverComparison(summarizeRows(rows), STYLE)

test('time, memory and proof of each prover, as ratios to the first, the best marked', () => {
  const card = compare([
    row('gnark', 'compile', 2),
    row('ezkl', 'compile', 4),
    row('gnark', 'prove', 1, { proof_size_bytes: 196 }),
    row('ezkl', 'prove', 0.5, { proof_size_bytes: 4096 }),
  ])
  expect(card).toMatchInlineSnapshot(`
    "depth_d1 | gnark against ezkl
    +--------------+---------+----------------+
    |              |   gnark |           ezkl |
    +--------------+---------+----------------+
    | compile (s)  | 2.000 * |  4.000 2.00x   |
    | prove (s)    | 1.000   |  0.500 0.50x * |
    | compile (MB) | 200.0 * |  400.0 2.00x   |
    | prove (MB)   | 100.0   |   50.0 0.50x * |
    | proof        | 196 B * | 4 KiB 20.90x   |
    +--------------+---------+----------------+
    * best of its line; x: times the first prover"
  `)
})

test('a prover that skipped a phase shows a dash, and nobody is best against nothing', () => {
  const card = compare([row('gnark', 'prove', 1), row('ezkl', 'prove', null)])
  expect(card).toMatch(/prove \(s\) +\| +1\.000 +\| +- \|/)
  expect(card.split('\n').filter((line) => line.includes('|') && line.includes('*'))).toEqual([])
})

test('one prover, or provers that did other points, are not compared', () => {
  expect(compare([row('gnark', 'prove', 1)])).toBe('')
  const other = { point: 'depth_d2', params: { depth: 2 } }
  expect(compare([row('gnark', 'prove', 1), row('ezkl', 'prove', 1, other)])).toBe('')
})
