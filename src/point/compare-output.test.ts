import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import {
  DATA_TYPE,
  encodeModel,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxModel,
  type OnnxValueInfo,
} from '../model/onnx.ts'

const HASHER = './fixtures/provers/hasher.ts'
const { INT64, BOOL, DOUBLE, FLOAT } = DATA_TYPE

function typed(name: string, shape: number[], elem_type: number): OnnxValueInfo {
  const info = makeValueInfo(name, shape)
  info.type!.tensor_type!.elem_type = elem_type
  return info
}

function open(name: string): OnnxValueInfo {
  const info = makeValueInfo(name, [1, 1, 4])
  info.type!.tensor_type!.shape!.dim = [{ dim_param: 'batch' }, { dim_param: 'seq_len' }, { dim_value: 4 }]
  return info
}

/**
 * One input of each kind that is not float32 with fixed sides: an index into a table, a mask, a double, open sides.
 */
function makeMixed(): OnnxModel {
  const table = Float32Array.from({ length: 40 }, (_, i) => i / 8)
  return makeModel({
    name: 'mixed',
    node: [
      makeNode('Gather', 'g', ['table', 'ids'], ['rows']),
      makeNode('Cast', 'c', ['mask'], ['numbers'], { to: FLOAT }),
      makeNode('Relu', 'd', ['double'], ['doubles']),
      makeNode('Relu', 'r', ['open'], ['opened']),
    ],
    initializer: [makeTensor('table', [10, 4], table)],
    input: [
      typed('ids', [1, 3], INT64),
      typed('mask', [1, 8], BOOL),
      typed('double', [1, 8], DOUBLE),
      open('open'),
    ],
    output: [
      makeValueInfo('rows', [1, 3, 4]),
      makeValueInfo('numbers', [1, 8]),
      typed('doubles', [1, 8], DOUBLE),
      open('opened'),
    ],
  })
}

test('inputs that are integers, booleans or doubles, and sides that --dim fixes, are compared with the float model', async () => {
  const dir = await temporaryFolder()
  const model = join(dir, 'mixed.onnx')
  writeFileSync(model, encodeModel(makeMixed()))
  const provers = ['--prover', HASHER, '--prover', `${HASHER},off_by=0.5`]
  const flags = [...provers, '--model', model, '--dim', 'seq_len=3', '--iterations', '1', '--inputs', '3']
  const { rows, exitCode, output } = await runBench(dir, ['models'], flags)
  const [honest, wrong] = rows.filter(({ phase }) => phase === 'verify')
  expect(honest).toMatchObject({ status: 'ok', output_max_abs_error: expect.any(Number) })
  expect(honest!.output_max_abs_error).toBeLessThanOrEqual(honest!.output_tolerance!)
  expect(honest!.accuracy).toMatchObject({ inputs: 3, max_error: expect.any(Number) })
  expect(honest!.accuracy).not.toHaveProperty('top1')
  expect(wrong).toMatchObject({ status: 'failed', error: { code: 'OUTPUT_MISMATCH' } })
  const shown = /OUTPUT_MISMATCH.*: (\w+)\[[\d, ]+\] is expected to be (\S+), (\S+) was proved/.exec(output)
  expect(shown?.[1]).toMatch(/^(rows|numbers|doubles|opened)$/)
  expect(Number(shown![3]) - Number(shown![2])).toBeCloseTo(0.5, 3)
  expect(exitCode).toBe(1)
})

test('--inputs draws inputs: errors are parts of the range, and the largest score is the same or not', async () => {
  const dir = await temporaryFolder()
  const precise = await runBench(dir, ['mlp'], ['--iterations', '1', '--inputs', '4'])
  const verify = precise.rows.find(({ phase }) => phase === 'verify')!
  const { inputs, range, max_error, mean_error, top1 } = verify.accuracy!
  expect({
    inputs,
    top1,
    warnings: verify.warnings?.filter((own) => own.includes('compared')) ?? [],
  }).toEqual({
    inputs: 4,
    top1: 1,
    warnings: [],
  })
  expect(max_error * range).toBeCloseTo(verify.output_max_abs_error!, 10)
  expect(mean_error).toBeLessThan(max_error)
  expect(precise.output.replaceAll(/\s+/g, ' ')).toMatch(
    /over 4 inputs at most \S+ % of its range, \S+ % on average · top-1 the same in 100 %/,
  )
  const coarse = await runBench(dir, ['mlp'], ['--iterations', '1', '--prover', 'gnark,scale_bits=4'])
  const other = coarse.rows.findLast(({ phase }) => phase === 'verify')!
  expect(other.status).toBe('ok')
  expect(other.warnings?.join()).toMatch(
    /not compared with the float model: quantisation explains differences of up/,
  )
  expect(coarse.output).toContain('output not compared')
})

test('an output that is wrong for one of the inputs alone is a mismatch', async () => {
  const dir = await temporaryFolder()
  const flags = [
    '--prover',
    `${HASHER},first_only=true`,
    '--model',
    'fixtures/lenet.onnx',
    '--iterations',
    '1',
  ]
  const one = await runBench(dir, ['models'], flags)
  expect(one.rows.find(({ phase }) => phase === 'verify')!.status).toBe('ok')
  const many = await runBench(dir, ['models'], [...flags, '--inputs', '3'])
  const verify = many.rows.findLast(({ phase }) => phase === 'verify')!
  expect(verify).toMatchObject({ status: 'failed', error: { code: 'OUTPUT_MISMATCH' } })
})
