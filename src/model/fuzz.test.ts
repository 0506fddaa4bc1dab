import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { ProvemarkError } from '../errors.ts'
import {
  decodeModel,
  encodeModel,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxTensor,
} from './onnx.ts'
import { generateCnn } from './generate/cnn.ts'
import { findIndexLimits } from './input.ts'
import { fixInputs } from './ports.ts'
import { makeMessage } from './proto/schema.ts'
import { readModel } from './file.ts'
import { summarizeModel } from './summary.ts'
import { readTensor } from './tensor.ts'
import { measureWorkload } from './workload.ts'

/** Mutated files; a long run sets PROVEMARK_FUZZ_MODELS=100000. */
const RUNS = Number(process.env['PROVEMARK_FUZZ_MODELS'] ?? 2000)
const SEED = 42
const LONGEST_MS = 1000
const MOST_MB = 512

const folder = mkdtempSync(join(tmpdir(), 'provemark-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'w.bin'), new Uint8Array(64))

function makeExternal(): OnnxTensor {
  const external_data = [
    makeMessage('StringStringEntryProto', { key: 'location', value: 'w.bin' }),
    makeMessage('StringStringEntryProto', { key: 'offset', value: '4' }),
    makeMessage('StringStringEntryProto', { key: 'length', value: '24' }),
  ]
  return makeMessage('TensorProto', {
    name: 'w',
    dims: [2, 3],
    data_type: 1,
    external_data,
    data_location: 1,
  })
}

function makeMixed(): Uint8Array {
  const shape = makeNode('Constant', 'shape', [], ['s'])
  shape.attribute = [makeMessage('AttributeProto', { name: 'value_ints', ints: [1, -1], type: 7 })]
  const node = [
    shape,
    makeNode('AveragePool', 'pool', ['x'], ['p'], { kernel_shape: [2, 2], ceil_mode: 1, pads: [1, 0, 0, 1] }),
    makeNode('BatchNormalization', 'norm', ['p', 'o', 'o', 'o', 'o'], ['n'], { epsilon: { float: 0.1 } }),
    makeNode('Reshape', 'reshape', ['n', 's'], ['r']),
    makeNode('MatMul', 'product', ['r', 'w'], ['m']),
    makeNode('Add', 'sum', ['m', 'b'], ['a']),
    makeNode('Clip', 'clip', ['a', 'b'], ['c']),
    makeNode('Softmax', 'softmax', ['c'], ['y'], { axis: -1 }),
  ]
  const initializer = [
    makeTensor('b', [3], new Float32Array(3)),
    makeTensor('o', [1], Float32Array.of(1)),
    makeExternal(),
  ]
  const input = [makeValueInfo('x', [1, 1, 1, 2])]
  return encodeModel(makeModel({ node, initializer, input, output: [makeValueInfo('y', [1, 3])] }))
}

const SMALL = { depth: 2, input_hw: 6, in_ch: 1, conv_out_ch: 2, fc_hidden: 3, n_actions: 2, seed: 0 }
const ORIGINALS = [
  encodeModel(generateCnn(SMALL)),
  makeMixed(),
  encodeModel(generateCnn({ ...SMALL, pool_cap: 0 })),
]

const patch = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 1 }),
  fc.uint8Array({ maxLength: 12 }),
  fc.constantFrom([0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x40], Array(9).fill(0xff).concat(0x01), [0]),
)

/** Bytes overwritten, removed or inserted; some files are truncated. */
const byBytes = fc
  .record({
    original: fc.constantFrom(...ORIGINALS),
    changes: fc.array(fc.record({ at: fc.nat(), put: patch, cut: fc.option(fc.nat(16), { freq: 4 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
    keep: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8, nil: 1 }),
  })
  .map(({ original, changes, keep }) => {
    const bytes = [...original]
    for (const { at, put, cut } of changes) bytes.splice(at % bytes.length, cut ?? put.length, ...put)
    return Uint8Array.from(bytes.slice(0, Math.ceil(bytes.length * keep)))
  })

const odd = fc.constantFrom(0, -1, 1, 2, 3, 1e6, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, 2 ** 63, -(2 ** 63))

/** Well-formed files with wrong numbers, names and parts. */
const byFields = fc
  .record({
    original: fc.constantFrom(...ORIGINALS),
    edits: fc.array(fc.record({ at: fc.nat(), value: fc.oneof(odd, fc.integer({ min: -9, max: 99 })) }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ original, edits }) => {
    const model = decodeModel(original)
    for (const { at, value } of edits) editField(model, at, value)
    return encodeModel(model)
  })

type Fields = Record<string, unknown> | unknown[]

/** Changes one of the places in a model that contain a number, a text or a list. */
function editField(model: Fields, at: number, value: number): void {
  const places: [Fields, string][] = []
  const visit = (fields: Fields): void => {
    for (const [key, inner] of Object.entries(fields)) {
      places.push([fields, key])
      if (typeof inner === 'object' && !(inner instanceof Uint8Array)) visit(inner as Fields)
    }
  }
  visit(model)
  const [fields, key] = places[at % places.length]!
  const holder = fields as Record<string, unknown>
  const held = holder[key]
  if (typeof held === 'number') holder[key] = value
  else if (typeof held === 'string') holder[key] = ['', '../w.bin', 'x', 'Relu', 'b'][Math.abs(value) % 5]
  else if (Array.isArray(held)) held.splice(Math.abs(value) % (held.length + 1), 1)
  else if (held instanceof Uint8Array) holder[key] = held.subarray(Math.abs(value) % (held.length + 1))
  else if (!Array.isArray(fields)) delete holder[key]
}

const mutated = fc.oneof(byBytes, byFields)

async function useModel(path: string): Promise<void> {
  await summarizeModel(path)
  const model = readModel(path)
  fixInputs(model)
  findIndexLimits(model)
  measureWorkload(model)
  for (const tensor of model.graph!.initializer) readTensor(tensor)
}

async function timeUse(path: string): Promise<{ outcome: string; durationMs: number }> {
  const start = performance.now()
  const outcome = await useModel(path).then(
    () => 'read',
    (error: unknown) =>
      error instanceof ProvemarkError && error.hint ? error.code : `untyped: ${String(error)}`,
  )
  return { outcome, durationMs: performance.now() - start }
}

test(
  `${RUNS} mutated files end in a typed error or in a result, soon and in little memory`,
  { timeout: 3_600_000 },
  async () => {
    const path = join(folder, 'mutated.onnx')
    const outcomes = new Map<string, number>()
    const before = process.memoryUsage().rss
    let most = 0
    await fc.assert(
      fc.asyncProperty(mutated, async (bytes) => {
        // Some file systems flush a file that is overwritten, which would take most of the time.
        rmSync(path, { force: true })
        writeFileSync(path, bytes)
        let { outcome, durationMs } = await timeUse(path)
        // A busy machine can halt any process for a while; what is slow by itself is slow again on a second try.
        for (let retry = 0; retry < 3 && durationMs > LONGEST_MS; retry++)
          ({ outcome, durationMs } = await timeUse(path))
        expect(outcome).toMatch(/^(read|[A-Z_]+)$/)
        expect(durationMs).toBeLessThan(LONGEST_MS)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        most = Math.max(most, process.memoryUsage.rss())
      }),
      { seed: SEED, numRuns: RUNS },
    )
    expect((most - before) / 2 ** 20).toBeLessThan(MOST_MB)
    // Mutations that never got past the decoder would test the decoder alone.
    expect([...outcomes.keys()].toSorted()).toEqual(['MODEL_UNREADABLE', 'MODEL_UNSUPPORTED', 'read'])
    console.log(
      `${RUNS} mutated models: ${JSON.stringify(Object.fromEntries(outcomes))}, +${Math.round((most - before) / 2 ** 20)} MB`,
    )
  },
)
