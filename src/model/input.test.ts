import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { runJudge } from '../../scripts/judges/judge.ts'
import { generateInput, generateInputs, writeInput } from './input.ts'
import { readInput } from './read-input.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-input-'))
afterAll(() => rmSync(folder, { recursive: true }))

const one = [{ name: 'x', shape: [1, 2, 2] }]
const two = [
  { name: 'left', shape: [1, 2] },
  { name: 'right', shape: [3] },
]

function store(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function valuesOf(read: ReturnType<typeof readInput>): number[][] {
  return read.map(({ values }) => [...values])
}

test.each([
  ['flat', { input: [1, 2, 3, 4] }],
  [
    'nested',
    {
      input: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    },
  ],
  ['as ezkl has it', { input_data: [[1, 2, 3, 4]] }],
  ['a bare list', [1, 2, 3, 4]],
  [
    'a bare nested list',
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ],
  ['by name', { x: [[1, 2, 3, 4]], other: 'ignored' }],
])('one input, %s', (_, content) => {
  expect(valuesOf(readInput(store('one.json', content), one))).toEqual([[1, 2, 3, 4]])
})

test.each([
  ['by name, in any order', { right: [3, 4, 5], left: [[1, 2]] }],
  [
    'as lists',
    {
      input_data: [
        [1, 2],
        [3, 4, 5],
      ],
    },
  ],
  [
    'as a bare list of lists',
    [
      [1, 2],
      [3, 4, 5],
    ],
  ],
])('two inputs, %s', (_, content) => {
  expect(valuesOf(readInput(store('two.json', content), two))).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
})

test.each([
  ['too few values', { input: [1, 2, 3] }, 'input x [1, 2, 2]: 4 values are expected, 3 given'],
  ['text', { input: [1, 2, 3, '4'] }, 'numbers are expected, "4" given'],
  ['null', { input: [1, 2, 3, null] }, 'numbers are expected, null given'],
  ['a number beyond float32', { input: [1, 2, 3, 1e39] }, 'value 3 is 1e+39'],
  ['no list', { data: [1] }, "under 'input' or under each input's name (x [1, 2, 2]) is expected"],
  ['no JSON', '{"input":[1,', 'it is not valid JSON'],
  ['nothing', '', 'it is empty'],
  ['lists without end', '['.repeat(100_000) + ']'.repeat(100_000), 'nested more than'],
  ['a polluting key', '{"__proto__":{"input":[1,2,3,4]}}', 'is expected'],
  ['a file far too long', `[${' '.repeat(2 ** 21)}]`, '4 values are expected, and it has 2097154 bytes'],
])('%s is refused', (_, content, message) => {
  const path = store('bad.json', content)
  expect(() => readInput(path, one)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(message) }),
  )
})

test('a file that is not there and a list too few are refused', () => {
  expect(() => readInput(join(folder, 'none.json'), one)).toThrow('none.json: it cannot be read')
  expect(() => readInput(folder, one)).toThrow('it is not a regular file')
  expect(() => readInput(store('short.json', [[1, 2]]), two)).toThrow(
    '2 inputs (left [1, 2], right [3]) are expected, 1 given',
  )
})

test.each([
  ['int64', [1, 2, 3, 0.5], 'value 3 is 0.5, which is not an integer, and the input is of type int64'],
  ['int8', [1, 2, 3, 128], 'value 3 is 128, which lies outside of int8, -128 to 127'],
  ['uint32', [1, 2, 3, -1], 'value 3 is -1, which lies outside of uint32, 0 to 4294967295'],
  ['uint4', [1, 2, 3, 16], 'value 3 is 16, which lies outside of uint4, 0 to 15'],
  ['int64', '[1,2,3,9007199254740993]', 'integers beyond 2^53 cannot be read exactly'],
  ['bool', [1, 0, 1, 2], 'value 3 is 2, which lies outside of bool, 0 to 1'],
  ['float16', [1, 2, 3, 65536], 'value 3 is 65536, which is not a finite float16'],
  ['float32', [1, 2, 3, true], 'numbers are expected, true given'],
])('a file for an input of type %s with a value of another is refused', (type, content, message) => {
  expect(() => readInput(store('typed.json', content), [{ ...one[0]!, type }])).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(message) }),
  )
})

test('integers keep every digit when they are written for provers, float64 too', () => {
  const ports = [
    { name: 'i', shape: [2], type: 'int64' },
    { name: 'd', shape: [1], type: 'float64' },
    { name: 'b', shape: [2], type: 'bool' },
  ]
  const path = store(
    'digits.json',
    '{"i":[9007199254740991,-123456789012],"d":0.1234567890123456,"b":[true,false]}',
  )
  const text = '{"i":[9007199254740991,-123456789012],"d":[0.1234567890123456],"b":[1,0]}\n'
  writeInput(path, readInput(path, ports))
  expect(readFileSync(path, 'utf8')).toBe(text)
  expect(valuesOf(readInput(store('flat.json', [1, 2, 0.5, 0, 1]), ports))).toEqual([[1, 2], [0.5], [0, 1]])
})

test('what NumPy saves is read: types, byte orders and shapes', () => {
  const halves = JSON.parse(runJudge('make_npy.py', [folder])) as number[]
  const large = ['f2', 'f4', 'f8', 'i2', 'i4', 'i8', 'u2', 'u4', 'u8']
  const types = [...large, ...large.map((type) => `big_${type}`), 'i1', 'u1', 'fortran']
  const read = types.map((type) => [type, ...valuesOf(readInput(join(folder, `${type}.npy`), one))])
  expect(read).toEqual(types.map((type) => [type, [1, 2, 3, 4]]))
  expect(valuesOf(readInput(join(folder, 'b1.npy'), [{ ...one[0]!, type: 'bool' }]))).toEqual([[0, 1, 0, 1]])
  const cube = [{ name: 'x', shape: [2, 3, 4], type: 'int64' }]
  expect(valuesOf(readInput(join(folder, 'fortran_3d.npy'), cube))).toEqual([[...Array(24).keys()]])
  const half = [{ name: 'x', shape: [8], type: 'float16' }]
  expect(valuesOf(readInput(join(folder, 'halves.npy'), half))).toEqual([halves])
  expect(() => readInput(join(folder, 'complex.npy'), one)).toThrow('its type <c8 is not one of')
  expect(() => readInput(join(folder, 'f4.npy'), [{ name: 'x', shape: [5] }])).toThrow(
    '5 values are expected, 4 given',
  )
  const bytes = readFileSync(join(folder, 'f4.npy'))
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(join(folder, 'cut.npy'), bytes.subarray(0, length))
    expect(() => readInput(join(folder, 'cut.npy'), one)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    )
  }
})

test('every float32 that is written is read as itself', () => {
  const path = join(folder, 'round.json')
  fc.assert(
    fc.property(
      fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 4, maxLength: 4 }),
      (values) => {
        writeInput(path, values)
        expect(readInput(path, one)[0]!.values).toEqual(values.map((value) => value + 0))
      },
    ),
    { seed: 4 },
  )
})

test('several inputs are written by name and read again', () => {
  const path = join(folder, 'several.json')
  const made = generateInputs(two, { seed: 3 })
  writeInput(path, made)
  expect(readInput(path, two)).toEqual(made)
  expect(made[0]!.values[0]).not.toBe(made[1]!.values[0])
  writeInput(path, generateInputs(one, { seed: 3 }))
  expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')))).toEqual(['input'])
})

test.each(['uniform', 'normal'] as const)(
  '%s values lie in their range, around its middle',
  (distribution) => {
    const count = 20_000
    const values = generateInput([count], { seed: 1, distribution, range: [1, 5] })
    expect(Math.min(...values)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...values)).toBeLessThan(5)
    const mean = values.reduce((sum, value) => sum + value, 0) / count
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count
    expect(mean).toBeCloseTo(3, 1)
    // A sixteenth of the range squared over 12, or a sixth of the range as standard deviation.
    expect(variance).toBeCloseTo(distribution === 'uniform' ? 16 / 12 : (4 / 6) ** 2, 1)
  },
)

test('the default range is [-1, 1); zero gives zeros; the seed decides', () => {
  const values = generateInput([5000], { seed: 9 })
  expect(Math.min(...values)).toBeLessThan(-0.99)
  expect(Math.max(...values)).toBeGreaterThan(0.99)
  expect([...generateInput([2, 2], { seed: 9, distribution: 'zero' })]).toEqual([0, 0, 0, 0])
  expect(generateInput([50], { seed: 9 })).toEqual(values.slice(0, 50))
  expect(generateInput([50], { seed: 10 })).not.toEqual(values.slice(0, 50))
})

test('a range that holds no such value is refused', () => {
  expect(() => generateInput([1], { seed: 0, range: [1, -1] })).toThrow(
    'no uniform input lies in the range 1,-1',
  )
  expect(() => generateInput([1], { seed: 0, range: [1, 2], distribution: 'zero' })).toThrow('no zero input')
})
