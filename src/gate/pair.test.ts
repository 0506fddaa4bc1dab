import { describe, expect, test } from 'vitest'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { judgeRows, listed, type Setting } from '../../fixtures/judge-rows.ts'
import type { Row } from '../row/schema.ts'

describe('not comparable', () => {
  const other = (machine: Row['machine']): Setting => ({
    now: { slower: { prove: 2 }, with: { machine } },
    budgets: ['time_s=+10%', 'mem_mb=+10%', 'ecc.totalCost=0%'],
  })

  test.each([
    [{ cpu: 'Other 9', cores: 8, mem_mb: 16_000 }, 'CPU: Fixture 3000 in the baseline, Other 9 now'],
    [{ cpu: 'Fixture 3000', cores: 4, mem_mb: 16_000 }, 'cores: 8 in the baseline, 4 now'],
    [
      { cpu: 'Fixture 3000', cores: 8, mem_mb: 8000 },
      'memory of the machine (MB): 16000 in the baseline, 8000 now',
    ],
    [
      { cpu: 'Fixture 3000', cores: 8, mem_mb: 16_000, mem_limit_mb: 2048 },
      'memory limit of its container (MB): none in the baseline, 2048 now',
    ],
  ])('times and peaks of another machine are not judged, counters are: %j', (machine, reason) => {
    const report = judgeRows(other(machine))
    expect(report.counts).toMatchObject({ not_comparable: 16 })
    expect(report.checks.find(({ verdict }) => verdict === 'not_comparable')).toMatchObject({ reason })
    expect(report.checks.find(({ metric }) => metric === 'ecc.totalCost')).toMatchObject({ verdict: 'ok' })
    expect(report.exit_code).toBe(0)
  })

  test('where no budget was judged the run ends with 2', () => {
    expect(
      judgeRows({ ...other({ cpu: 'Other 9' }), budgets: ['time_s=+10%', 'mem_mb=+10%'] }).exit_code,
    ).toBe(2)
  })

  test('memory of two machines of one kind may differ by a hair', () => {
    expect(
      listed(judgeRows(other({ cpu: 'Fixture 3000', cores: 8, mem_mb: 15_990 })), 'regression'),
    ).toHaveLength(2)
  })

  test.each([
    [{ settings: { threads: 4 } }, /^threads: the prover's own choice in the baseline, 4 now$/],
    [
      { security: { scheme: 'none', field: 'none', setup: 'none', bits: 100 } },
      /^security bits: 0 in .*, 100 now$/,
    ],
    [{ prover: { name: 'another' } }, /^prover: fixture in the baseline, another now$/],
    [{ page_cache: 'cold' }, /^page cache: as-is in the baseline, cold now$/],
    [{ time_source: null }, /^clock: wall clock in the baseline, the prover's own time now$/],
  ] satisfies [Partial<Row>, RegExp][])('%j', (change, reason) => {
    const report = judgeRows({ now: { with: change }, budgets: ['time_s=+10%'] })
    expect(report.counts).toMatchObject({ not_comparable: 8 })
    expect(report.checks.find(({ verdict }) => verdict === 'not_comparable')?.reason).toMatch(reason)
  })

  test('quantisation: a setting that both sides recorded and that differs', () => {
    const at = (scale_bits: number) => ({ with: { settings: { scale_bits } } })
    const report = judgeRows({ now: at(12), base: at(16), budgets: ['mem_mb=+10%'] })
    expect(report.checks.find(({ verdict }) => verdict === 'not_comparable')?.reason).toBe(
      'scale_bits: 16 in the baseline, 12 now',
    )
  })

  test('of two settings in the baseline the same is taken', () => {
    const base = [
      ...makeGateRows({ seed: 1, with: { settings: { threads: 1 } }, slower: { prove: 12 } }),
      ...makeGateRows({ seed: 3, with: { settings: { threads: 4 } } }),
    ]
    const now = { with: { settings: { threads: 4 } }, slower: { prove: 3 } }
    expect(listed(judgeRows({ now, base, budgets: ['time_s=+10%'] }), 'regression')).toHaveLength(2)
  })

  test('what neither side recorded is judged with a note, what only one side recorded is named', () => {
    const bare = { machine: null, settings: null, security: null, prover: null } satisfies Partial<Row>
    const neither = judgeRows({
      now: { with: bare, slower: { prove: 2 } },
      base: { with: bare },
      budgets: ['time_s=+10%'],
    })
    expect(listed(neither, 'regression')).toHaveLength(2)
    expect(neither.notes.join('\n')).toMatch(
      /neither side recorded CPU, cores, .*: judged anyway \(8 figures\)/,
    )
    const one = judgeRows({
      now: { slower: { prove: 2 } },
      base: { with: { machine: null } },
      budgets: ['time_s=+10%'],
    })
    expect(listed(one, 'regression')).toHaveLength(2)
    expect(one.notes.join('\n')).toMatch(/only this run recorded CPU, cores, memory of the machine/)
  })

  test('another version of the prover is shown and judged', () => {
    const prover = { name: 'fixture', version: '1.1.0', deterministic: { circuit: 'bytes' as const } }
    const report = judgeRows({ now: { with: { prover }, slower: { prove: 2 } }, budgets: ['time_s=+10%'] })
    expect(report.notes).toContain('fixture is 1.1.0 now, 1.0.0 in the baseline')
    expect(listed(report, 'regression')).toHaveLength(2)
  })
})
