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

const SECURITY = { scheme: 'KZG', input: 'public', model: 'hidden', output: 'public' } as const

/** Six iterations, enough for an interval, of each prover in each of these runs. */
function repeat(times: Record<string, number>, runs: readonly string[], more: Partial<Row> = {}): Row[] {
  return Object.entries(times).flatMap(([prover, time]) =>
    runs.flatMap((run_id) =>
      Array.from({ length: 6 }, (_, i) =>
        row(prover, 'prove', time * (1 + i / 100), {
          iteration: i + 1,
          run_id,
          proof_size_bytes: time * 1000,
          ...more,
        }),
      ),
    ),
  )
}

test('time, memory and proof of each prover, as ratios to the first, the best marked after several runs', () => {
  const times = { gnark: 1, ezkl: 2 }
  const security = { security: SECURITY as unknown as Row['security'] }
  expect(compare(repeat(times, ['one', 'two'], security))).toMatchInlineSnapshot(`
    "depth_d1 | gnark against ezkl
    +------------+----------+------------------+
    |            |    gnark |             ezkl |
    +------------+----------+------------------+
    | prove (s)  |  1.025 * |    2.050 2.00x   |
    | prove (MB) |  105.0 * |    210.0 2.00x   |
    | proof      | 1000 B * | 1.95 KiB 2.00x   |
    +------------+----------+------------------+
    x: times the first prover; * best of its line, where its interval over iterations lies apart from
    the others"
  `)
})

test.for([
  [
    'one run',
    ['one'],
    { security: SECURITY },
    'the variants did not take turns and were measured in one run only',
  ],
  ['claims that nobody declares', ['one', 'two'], {}, 'what the provers prove is not declared'],
] as const)('nobody is best after %s', ([, runs, more, why]) => {
  const card = compare(repeat({ gnark: 1, ezkl: 2 }, runs, more as Partial<Row>))
  expect(card.replaceAll('\n', ' ')).toContain(`no best is marked, because ${why}`)
  expect(card).not.toContain('*')
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
