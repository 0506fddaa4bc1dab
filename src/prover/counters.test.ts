import { expect, test } from 'vitest'
import { readLastMegabytes, readLastNumber, readLastSeconds, readKeyValueCounters } from './counters.ts'

const gatesOf = (output: string) => readKeyValueCounters(output, ['gates'])['gates']

test.each([
  ['gates=1234567', 1_234_567],
  ['gates=1,234', 1234],
  ['gates=1_000', 1000],
  ["gates=1'234'567", 1_234_567],
  ['gates=1’234’567', 1_234_567],
  ['gates=1\u00A0234\u00A0567', 1_234_567],
  ['gates=1\u202F234\u202F567', 1_234_567],
  ['gates=\u001B[36m1\u001B[0m2\u001B[1m3\u001B[0m', 123],
  ['10%\rgates=12\r100%', 12],
  ['gates = 5 (padded 8)', 5],
  ['gates: 5 gates', 5],
  ['gates: 5.', 5],
  ['gates=5, 6 wires', 5],
  ['gates=5\t6', 5],
  ['gates=46979 12.5s', 46979],
  ['gates: 5 - wires: 6', 5],
  ['{"gates": 5, "wires": 6}', 5],
  ['{"gates":5}', 5],
  ['{"gates":\n  5\n}', 5],
  ["{'gates': 5}", 5],
  [String.raw`{"log":"gates=5\nwires=6"}`, 5],
  ['http://x/?gates=5&wires=6', 5],
  ['gates=0', 0],
  ['INFO gates: 5\nDEBUG gates: 6', 6],
  ['Total gates: 5', 5],
] as const)('%j is read as %i', (output, expected) => {
  expect(gatesOf(output)).toBe(expected)
})

test.each([
  'gates=2^20',
  'gates=2 ^ 20',
  'gates=2**20',
  'gates=2 ** 20',
  'gates=2²⁰',
  'gates=1 << 20',
  'gates=1<<20',
  'gates=1 << N',
  'gates=2*10',
  'gates=2 × 10',
  'gates=5 + 3',
  'gates=1 234 567',
  'gates=12 34 567',
  'gates: 1 234 wires',
  'gates: 12 K',
  'gates=12k',
  'gates: 12 M',
  'gates: 12 Ki',
  'gates: 12 KiB',
  'gates: 1.2 million',
  'gates: 12 million',
  'gates=1.2e6',
  'gates=1e6',
  'gates=0x1F',
  'gates=1.234.567',
  'gates=1.234,5',
  'gates=0,250',
  'gates=12,34',
  'gates=1,23,456',
  'gates=1,234_567',
  'gates=1234,567',
  'gates=~1000',
  'gates ~ 1000',
  'gates: ≈ 1000',
  'gates: >= 5',
  'gates >= 5',
  'gates: < 5',
  'gates=1000/2000',
  'gates: 1000 / 2000',
  'gates: 3 of 10',
  'gates: 5-8',
  'gates: 5 - 8',
  'gates: 5..8',
  'gates: 5 to 8',
  'gates: 100 -> 80',
  'gates: 5 ± 1',
  'gates=5%',
  'gates: 5 %',
  'gates=5+',
  'gates=-5',
  'gates=−5',
  'gates=+5',
  'gates=5abc',
  'gates=5é',
  'gates=5１',
  'gates=１２',
  'gates=١٢',
  'gates: five',
  'gates=99999999999999999999',
  'gates:\n1. add\n2. mul',
  '5 gates',
  'gates used: 5',
  'non-gates: 5',
  'nongates=5',
  '"all gates": 5',
])('%j is not read at all', (output) => {
  expect(gatesOf(output)).toBeUndefined()
})

test('the last print counts, and one that is not understood leaves none', () => {
  expect(gatesOf('gates=4\ngates=5')).toBe(5)
  expect(gatesOf('gates=4\ngates=2^20')).toBeUndefined()
  expect(gatesOf('gates=4\ngates=~5')).toBeUndefined()
  expect(gatesOf('gates=2^20\ngates=5')).toBe(5)
})

const CIRCOM = `template instances: 10
non-linear constraints: 1234
linear constraints: 56
public inputs: 1
wires: 1300
`

test('a name may hold blanks and hyphens, and may be the end of another', () => {
  const names = ['constraints', 'linear constraints', 'non-linear constraints', 'public inputs', 'wires']
  const expected = {
    'non-linear constraints': 1234,
    'linear constraints': 56,
    'public inputs': 1,
    wires: 1300,
  }
  for (const order of [names, names.toReversed()])
    expect(readKeyValueCounters(CIRCOM, order)).toEqual(expected)
  // Each one alone: another counter's value is not taken for it.
  for (const name of names) {
    const value = (expected as Record<string, number>)[name]
    expect(readKeyValueCounters(CIRCOM, [name])).toEqual(value === undefined ? {} : { [name]: value })
  }
  const constraints = `${CIRCOM}constraints: 1290\n`
  expect(readKeyValueCounters(constraints, ['constraints'])).toEqual({ constraints: 1290 })
})

test('a name is text and no pattern', () => {
  const odd = ['a.b', 'a+b', 'f(x)', 'x[0]', '$cost', 'a|b', 'a\\b', 'a/b', '**', 'a-b']
  const output = odd.map((name, i) => `${name}: ${i + 1}`).join('\n')
  expect(readKeyValueCounters(output, odd)).toEqual(Object.fromEntries(odd.map((name, i) => [name, i + 1])))
  expect(readKeyValueCounters('axb=5 aab=6', ['a.b', 'a+b'])).toEqual({})
  expect(readKeyValueCounters('__proto__=5', ['__proto__'])).toHaveProperty(['__proto__'], 5)
})

const TOOK = /took ([\d.,]+) s/

test.each([
  ['took 0.25 s', TOOK, 0.25],
  ['took 0,25 s', TOOK, 0.25],
  ['took 0,250 s', TOOK, 0.25],
  ['took 12,5 s', TOOK, 12.5],
  ['took 1,234 s', TOOK, 1234],
  ['took 1.234,5 s', TOOK, 1234.5],
  ['took 1,234.5 s', TOOK, 1234.5],
  ['took 1234,567 s', TOOK, 1234.567],
  // The whole figure is read, whatever part of it the pattern captured.
  ['took 0,25 s', /([\d.]+) s/, 0.25],
  ['took 0,25 s', /took ([\d.]+)/, 0.25],
  ['took 12 s', /took (\d)/, 12],
  ['took 1m2.5s', /took ([\d.]+)/, 62.5],
  ['took 1.234567s', /took (\S+)/, 1.234567],
  ['took 834.5ms', /took ([\d.]+)/, 0.8345],
  ['took 834,5 ms', /took ([\d.,]+)/, 0.8345],
  ['took 12.3µs', /took (.*)/, 12.3e-6],
  ['took 12.3μs', /took (.*)/, 12.3e-6],
  ['took 12.3us', /took (.*)/, 12.3e-6],
  ['took 45ns', /took (\S+)/, 45e-9],
  ['took 1m2.5s', /took (\S+)/, 62.5],
  ['took 1h0m3.25s', /took (\S+)/, 3603.25],
  ['took 1 h, 2 min', /took (.*)/, 3720],
  ['took 2.5e-3', /took (\S+)/, 0.0025],
  ['took 5 steps', /took (\d+)/, 5],
  ['took 5.', /took (\d+)/, 5],
] as const)('%j by %s is %d s', (output, pattern, expected) => {
  expect(readLastSeconds(`first line\n${output}\nlast line`, pattern)).toBeCloseTo(expected, 12)
})

test.each([
  ['took 1.234.567 s', TOOK],
  ['took 1,23,456 s', TOOK],
  ['took 1,234,5 s', TOOK],
  ['took , s', TOOK],
  ['took 2^20 s', /took (\d+)/],
  ['took 1 234 s', /([\d.]+) s/],
  ['took 1 234 s', /took (\d+)/],
  ['took 5x', /took (\d+)/],
  ['took 3s4m', /took (\S+)/],
  ['took inf s', /took (\S+)/],
  ['took 1000/2000', /took (\d+)/],
])('%j by %s is no number', (output, pattern) => {
  expect(readLastSeconds(output, pattern)).toBeNaN()
})

test.each([
  ['peak 12,5 MB', /peak ([\d.,]+) MB/, 12.5],
  ['peak 1,5 GB', /peak ([\d.,]+)/, 1536],
  ['peak 512 KiB', /peak (.*)/, 0.5],
  ['peak 1048576 bytes', /peak (\d+)/, 1],
  ['peak 77', /peak (\d+)/, 77],
] as const)('%j by %s is %d MB', (output, pattern, expected) => {
  expect(readLastMegabytes(output, pattern)).toBe(expected)
})

test('a number without a unit of its own', () => {
  expect(readLastNumber('x_ms=12,5', /x_ms=([\d.,]+)/)).toBe(12.5)
  expect(readLastNumber('took 250ms', /took (\d+)/)).toBe(250)
  expect(readLastNumber('error -2.5e-3', /error ([\d.e+-]+)/)).toBe(-0.0025)
  expect(readLastNumber('took -5', /took -?(\d+)/)).toBe(-5)
  expect(readLastNumber('size 12K', /size (\d+)/)).toBeNaN()
  expect(readLastNumber('size 12 K', /size (\d+)/)).toBeNaN()
  expect(readLastNumber('nothing', /took (\d+)/)).toBeUndefined()
  expect(readLastNumber('took ', /took (\d*)/)).toBeUndefined()
})
