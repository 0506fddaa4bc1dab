import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from 'simple-statistics'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import { summarizeRows } from '../../src/row/summary.ts'
import { formatRow } from '../../src/row/write.ts'
import { findScaling } from '../../src/row/scaling.ts'
import type { Row } from '../../src/row/schema.ts'
import { runJudge } from './judge.ts'

type Result = Record<string, string | number>[] | null

const LAST = 'run-03'
const ROWS = [
  ...makeSweepRows({ runs: 3, iterations: 5, provers: ['gnark', 'ezkl'], slowFrom: 2, failure: true }),
]
const summaries = summarizeRows(ROWS.filter(({ run_id }) => run_id === LAST))

test('the queries of docs/analysis.md say what provemark says', async () => {
  const dir = await temporaryFolder()
  mkdirSync(join(dir, 'benchmarking'))
  for (const track of ['depth', 'breadth']) {
    const own = ROWS.filter((row) => row.track === track).map((row) => formatRow(row))
    writeFileSync(join(dir, `benchmarking/${track}_sweep.jsonl`), own.join(''))
  }
  const document = readFileSync(new URL('../../docs/analysis.md', import.meta.url), 'utf8')
  const blocks = Array.from(document.matchAll(/```(sql|python)\n(.*?)```/gs), ([, language, code]) => ({
    language,
    code,
  }))
  expect(blocks.map(({ language }) => language).join(' ')).toBe(
    'sql sql sql sql sql python python python python python',
  )
  const answers = JSON.parse(runJudge('run_analysis.py', [], JSON.stringify(blocks), dir)) as Result[]
  const [medians, laws, failures, ratios, changes, setUp, pandasMedians, shares, pandasLaws, pandasFailures] =
    answers
  const expected = summaries.flatMap(({ point, prover, phases }) =>
    phases.map(({ phase, time_s, mem_mb }) => [
      `${prover!.name} ${point} ${phase}`,
      time_s!.n,
      time_s!.median,
      time_s!.best,
      mem_mb!.worst,
    ]),
  )
  for (const [answer, prover] of [
    [medians, 'prover'],
    [pandasMedians, 'prover.name'],
  ] as const) {
    const given = answer!.map((row) => [
      `${row[prover]} ${row['point']} ${row['phase']}`,
      ...['n', 'median_s', 'best_s', 'peak_mb'].map((name) => row[name]),
    ])
    expect(sorted(round(given))).toEqual(sorted(round(expected)))
  }
  const proveLaws = findScaling(summaries).filter(
    ({ phase, metric, against }) => phase === 'prove' && metric === 'time_s' && against === 'totalCost',
  )
  const exponents = round(proveLaws.map(({ track, prover, exponent }) => [track!, prover!, exponent]))
  const lastLaws = laws!.filter(({ run_id }) => run_id === LAST)
  expect(sorted(round(lastLaws.map((law) => [law['track'], law['prover'], law['exponent']])))).toEqual(
    sorted(exponents),
  )
  expect(sorted(round(pandasLaws!.map((law) => [law['track'], law['prover.name'], law['value']])))).toEqual(
    sorted(exponents),
  )
  expect(failures!.map(({ phase, status, code, n }) => [phase, status, code, n])).toEqual([
    ['prove', 'out_of_memory', 'OUT_OF_MEMORY', 1],
    ['verify', 'skipped', 'EARLIER_PHASE_FAILED', 1],
  ])
  expect(pandasFailures!.map((row) => row['error.code']).toSorted()).toEqual([
    'EARLIER_PHASE_FAILED',
    'OUT_OF_MEMORY',
  ])
  expect(ratios!.length).toBe(3 * 10 * 4)
  expect(ratios![0]!['ratio']).toBeCloseTo(medianOf(ratios![0]!, 'ezkl') / medianOf(ratios![0]!, 'gnark'), 9)
  // The largest changes of all are those that the rows were made with.
  expect(new Set(changes!.map(({ phase }) => phase))).toEqual(new Set(['prove']))
  expect(shares!.length).toBe(20)
  for (const share of shares!) {
    expect(
      ['compile', 'witness', 'prove', 'verify'].reduce((sum, phase) => sum + Number(share[phase]), 0),
    ).toBeCloseTo(1)
  }
  expect(setUp).toBeNull()
})

function medianOf({ run_id, point, phase }: Record<string, unknown>, prover: string): number {
  const isOf = (row: Row) =>
    row.run_id === run_id && row.point === point && row.phase === phase && row.prover!.name === prover
  return median(ROWS.filter((row) => isOf(row) && row.status === 'ok').map(({ time_s }) => time_s!))
}

const round = (rows: readonly unknown[][]) =>
  rows.map((row) => row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(9)) : cell)))
const sorted = (rows: readonly unknown[][]) => rows.map((row) => row.join(' ')).toSorted()
