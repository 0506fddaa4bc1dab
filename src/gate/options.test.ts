import { expect, test } from 'vitest'
import { formatBudget, readBudgets } from './options.ts'

test.each([
  ['ecc.totalCost=0%', { metric: 'ecc.totalCost', limit: { kind: 'relative', growth: 0 }, level: 'fail' }],
  ['mem_mb=4096', { metric: 'mem_mb', limit: { kind: 'absolute', max: 4096 }, level: 'fail' }],
  [
    'time_s@prove,track=depth=+10%',
    {
      metric: 'time_s',
      phase: 'prove',
      track: 'depth',
      limit: { kind: 'relative', growth: 0.1 },
      level: 'fail',
    },
  ],
  [
    'time_s@verify,track=depth,point=depth_d1,prover=gnark,level=warn=0.5',
    {
      metric: 'time_s',
      phase: 'verify',
      track: 'depth',
      point: 'depth_d1',
      prover: 'gnark',
      limit: { kind: 'absolute', max: 0.5 },
      level: 'warn',
    },
  ],
  ['circuit_sha256=0%', { metric: 'circuit_sha256', limit: { kind: 'relative', growth: 0 }, level: 'fail' }],
])('reads %s, and writes it again', (text, budget) => {
  expect(readBudgets([text])).toEqual({ budgets: [budget], problems: [] })
  expect(formatBudget(readBudgets([text]).budgets[0]!)).toBe(text)
})

test('an object of the config is the same budget', () => {
  const object = { metric: 'time_s', phase: 'prove', track: 'depth', max: '+10%', level: 'warn' } as const
  expect(readBudgets([object])).toEqual(readBudgets(['time_s@prove,track=depth,level=warn=+10%']))
  expect(readBudgets([{ metric: 'mem_mb', max: 4096 }])).toEqual(readBudgets(['mem_mb=4096']))
})

test('every problem of every budget is named, with what was expected and the nearest name', () => {
  const { budgets, problems } = readBudgets([
    'mem_mb=4096',
    'time_s',
    'time_s@proof=+10%',
    'time_s,trak=depth=+10%',
    'time_s,level=error=+10%',
    'time_s=+10',
    'time_s=-5%',
    'circuit_sha256=+1%',
    { metric: 'time_s', phase: 'prov', max: '+10%' } as never,
    { metric: 'time_s', limit: '+10%' } as never,
  ])
  expect(budgets).toHaveLength(1)
  expect(problems.map(({ where, expected, given, hint }) => [where, expected, given, hint].join(' | ')))
    .toMatchInlineSnapshot(`
      [
        "budget time_s | METRIC[@PHASE][,track=…,point=…,prover=…,level=fail|warn]=LIMIT | no =LIMIT | ",
        "budget time_s@proof=+10% | a phase | proof | did you mean prove?",
        "budget time_s,trak=depth=+10% | METRIC[@PHASE][,track=…,point=…,prover=…,level=fail|warn]=LIMIT | "trak=depth" | did you mean track?",
        "budget time_s,level=error=+10% | level=fail or level=warn | error | ",
        "budget time_s=+10 | a number (4096) or a growth against the baseline (0%, +10%) | "+10" | ",
        "budget time_s=-5% | a number (4096) or a growth against the baseline (0%, +10%) | "-5%" | ",
        "budget circuit_sha256=+1% | 0%, since a digest either is the same or not | "+1%" | ",
        "budget {"metric":"time_s","phase":"prov","max":"+10%"} | a phase | prov | did you mean prove?",
        "budget {"metric":"time_s","limit":"+10%"} | a number (4096) or a growth against the baseline (0%, +10%) |  | ",
      ]
    `)
})
