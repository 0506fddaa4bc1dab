import { expect, test } from 'vitest'
import { modelName, phaseKey, pointKey, pointName, seriesKey } from './identity.ts'
import { canonicalJson } from './json.ts'
import type { Row } from './schema.ts'

const OURS: Row = {
  phase: 'prove',
  track: 'depth',
  point: 'depth_d1',
  params: { depth: 1, input_hw: 28 },
  model: '/a/depth_d1.onnx',
  param_count: 1358,
  prover: { name: 'gnark', version: '0.1.0' },
}

test('a point is the same whatever its id, its version, its folder and the order of its parameters', () => {
  const other: Row = {
    ...OURS,
    point: 'renamed',
    params: { input_hw: 28, depth: 1 },
    model: '/elsewhere/m.onnx',
    prover: { name: 'gnark', version: '0.2.0' },
  }
  expect(pointKey(other)).toBe(pointKey(OURS))
  expect(phaseKey(other)).toBe(phaseKey(OURS))
})

test.each([
  { change: { track: 'breadth' } },
  { change: { params: { depth: 2, input_hw: 28 } } },
  { change: { prover: { name: 'ezkl' } } },
  { change: { params: null } },
  { change: { side: 'b' } },
] satisfies { change: Partial<Row> }[])('$change makes another point', ({ change }) => {
  expect(pointKey({ ...OURS, ...change })).not.toBe(pointKey(OURS))
})

test('another phase is another key of the same point', () => {
  const verify: Row = { ...OURS, phase: 'verify' }
  expect(pointKey(verify)).toBe(pointKey(OURS))
  expect(phaseKey(verify)).not.toBe(phaseKey(OURS))
})

test('rows without parameters go by base name and parameter count', () => {
  const row: Row = { phase: 'prove', model: 'models/m.onnx', param_count: 5 }
  expect(pointKey({ ...row, model: String.raw`C:\models\m.onnx` })).toBe(pointKey(row))
  expect(pointKey({ ...row, param_count: 6 })).not.toBe(pointKey(row))
  expect(pointKey({ ...row, model: 'models/n.onnx' })).not.toBe(pointKey(row))
})

test('names a point by its id, else by its model', () => {
  expect(pointName(OURS)).toBe('depth_d1')
  expect(pointName({ model: 'models/m.ONNX' })).toBe('m')
  expect(pointName({ ...OURS, side: 'a' })).toBe('depth_d1 (a)')
  expect(pointName({})).toBe('unnamed model')
  expect(modelName('')).toBeNull()
})

test('canonical JSON has keys in order and leaves out what is undefined', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, 10: true })).toBe(
    '{"10":true,"b":[1,{"c":"x","d":null}]}',
  )
})

test('keys and digests stay what they were: baselines, plans and caches on disk are found by them', () => {
  const values = [
    { z: 1, a: [{ y: undefined, b: 'µ\n"' }, null, 1e21, -0, NaN, undefined], 10: true, 9: {} },
    ['depth', { depth: 1, input_hw: 28 }, null, 'side'],
    undefined,
  ]
  expect(values.map(canonicalJson)).toEqual([
    '{"10":true,"9":{},"a":[{"b":"µ\\n\\""},null,1e+21,0,null,null],"z":1}',
    '["depth",{"depth":1,"input_hw":28},null,"side"]',
    'null',
  ])
  const settings = { threads: 2, sampling: 'exact', warm: { b: 1, a: 2 } }
  expect(seriesKey({ ...OURS, settings })).toBe(
    'prove ["depth",{"depth":1,"input_hw":28},"gnark"] {"threads":2,"warm":{"a":2,"b":1}}',
  )
})

test('values that differ only deep inside are not the same', () => {
  const nest = (value: unknown, depth: number): unknown => (depth ? [nest(value, depth - 1)] : value)
  expect(canonicalJson(nest(1, 40))).not.toBe(canonicalJson(nest(2, 40)))
  // A file from a stranger can be nested deeper than the stack allows.
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(canonicalJson(deep)).toContain('…')
})
