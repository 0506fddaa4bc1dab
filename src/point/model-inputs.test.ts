import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runJudge } from '../../scripts/judges/judge.ts'
import {
  encodeModel,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxGraph,
  type OnnxValueInfo,
} from '../model/onnx.ts'
import { summarizeModel } from '../model/summary.ts'

const ECHO = 'fixtures/provers/command.ts'
const KEPT = ['--iterations', '1', '--no-controls', '--keep', 'all']

function typedInput(name: string, shape: number[], elem_type: number): OnnxValueInfo {
  const info = makeValueInfo(name, shape)
  info.type!.tensor_type!.elem_type = elem_type
  return info
}

function save(path: string, graph: Partial<OnnxGraph>): string {
  writeFileSync(path, encodeModel(makeModel({ output: [makeValueInfo('y', [1, 4])], ...graph })))
  return path
}

/** The named file from the single iteration of a point with a prover. */
async function readKept(dir: string, point: string, prover: string, file: string): Promise<Buffer> {
  const { glob } = await import('tinyglobby')
  const [path] = await glob(`work/*/models/${point}/${prover}/1/${file}`, { cwd: dir, absolute: true })
  return readFileSync(path!)
}

const INTEGER_TYPES = {
  uint8: 2,
  int64: 7,
  bool: 9,
  uint4: 21,
}

test('integers and booleans get values of their type, an index one below the size of its table', async () => {
  const dir = await temporaryFolder()
  const models = join(dir, 'models')
  mkdirSync(models)
  for (const [name, type] of Object.entries(INTEGER_TYPES)) {
    const node = [makeNode('Cast', 'c', ['x'], ['y'], { to: 1 })]
    save(join(models, `${name}.onnx`), { node, input: [typedInput('x', [1, 40], type)] })
  }
  const table = makeTensor('table', [7, 4], new Float32Array(28))
  const lookUp = [makeNode('Identity', 'i', ['x'], ['ids']), makeNode('Gather', 'g', ['table', 'ids'], ['y'])]
  save(join(models, 'index.onnx'), {
    node: lookUp,
    initializer: [table],
    input: [typedInput('x', [1, 200], 7)],
  })
  const across = [makeNode('Gather', 'g', ['table', 'x'], ['y'], { axis: -1 })]
  save(join(models, 'columns.onnx'), {
    node: across,
    initializer: [table],
    input: [typedInput('x', [1, 200], 6)],
  })
  for (const [name, type] of [
    ['strings', 8],
    ['complex', 14],
  ] as const)
    save(join(models, `${name}.onnx`), {
      node: [makeNode('Identity', 'i', ['x'], ['y'])],
      input: [typedInput('x', [1, 2], type)],
    })

  const { rows } = await runBench(dir, ['models'], ['--model', `${models}/*.onnx`, '--prover', ECHO, ...KEPT])
  const valuesOf = async (point: string) =>
    (JSON.parse(String(await readKept(dir, point, 'echo', 'output.json'))) as { input: number[] }).input
  for (const name of Object.keys(INTEGER_TYPES))
    expect(new Set(await valuesOf(name))).toEqual(new Set([0, 1]))
  expect([...new Set(await valuesOf('index'))].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect([...new Set(await valuesOf('columns'))].toSorted()).toEqual([0, 1, 2, 3])
  for (const [point, type] of [
    ['strings', 'string'],
    ['complex', 'complex64'],
  ]) {
    const error = rows.find((row) => row.point === point)?.error
    expect(error).toMatchObject({ code: 'INPUT_INVALID', hint: 'pass a file of values: --input FILE' })
    expect(error?.message).toContain(`input x is of type ${type}`)
  }
})

test('every prover gets the same values from one input file, whatever its form', async () => {
  const dir = await temporaryFolder()
  const text = '{"x":[[0.5,-0.25],[0.75,-1]]}'
  const forms = {
    by_name: text,
    by_key: '{"input_data":[[0.5,-0.25,0.75,-1]]}',
    bare: '[0.5,-0.25,0.75,-1]',
    bom: `\uFEFF${text}`,
    utf16: Buffer.from(`\uFEFF${text}`, 'utf16le'),
  }
  const flags = Object.entries(forms).flatMap(([name, content]) => {
    const model = save(join(dir, `${name}.onnx`), {
      node: [makeNode('Gemm', 'g', ['x', 'w'], ['y'])],
      initializer: [makeTensor('w', [4, 4], new Float32Array(16).fill(0.5))],
      input: [makeValueInfo('x', [1, 4])],
    })
    const input = join(dir, `${name}.json`)
    writeFileSync(input, content)
    return ['--model', model, '--input', input]
  })
  const provers = ['--prover', 'gnark', '--prover', ECHO]
  const { rows, exitCode } = await runBench(dir, ['models'], [...flags, ...provers, ...KEPT])
  expect(rows.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(exitCode).toBe(0)
  const outputs = new Set<string>()
  for (const name of Object.keys(forms)) {
    const given = String(await readKept(dir, name, 'echo', 'output.json'))
    expect(given).toBe('{"input":[0.5,-0.25,0.75,-1]}\n')
    outputs.add(String(await readKept(dir, name, 'gnark', 'output.json')))
  }
  expect(outputs.size).toBe(1)
})

test('an open side that is no batch is named, and fixed by its name or its place', async () => {
  const dir = await temporaryFolder()
  const open = makeValueInfo('x', [1, 1, 4])
  open.type!.tensor_type!.shape!.dim = [{ dim_param: 'batch' }, { dim_param: 'seq_len' }, { dim_value: 4 }]
  const mask = makeValueInfo('mask', [1, 1])
  mask.type!.tensor_type!.shape!.dim = [{ dim_param: 'batch' }, {}]
  const model = save(join(dir, 'open.onnx'), {
    node: [makeNode('Relu', 'r', ['x'], ['y'])],
    input: [open, mask],
    output: [{ ...structuredClone(open), name: 'y' }],
  })
  const flags = ['--model', model, '--prover', ECHO, ...KEPT]
  const without = await runBench(dir, ['models'], flags)
  expect(without.rows[0]?.error?.message).toContain('input x has the open shape [batch, seq_len, 4]')
  expect(without.rows[0]?.error?.hint).toContain('--dim seq_len=64')
  const wrong = await runBench(dir, ['models'], [...flags, '--dim', 'seqlen=3'])
  expect(wrong.exitCode).toBe(2)
  expect(wrong.output).toContain('open dimensions: batch, seq_len, ')

  const fixed = await runBench(dir, ['models'], [...flags, '--dim', 'seq_len=3', '--dim', 'mask:1=5'])
  expect(fixed.exitCode).toBe(0)
  const row = fixed.rows.at(-1)!
  expect(row).toMatchObject({ status: 'ok', params: { model: 'open', dims: 'mask:1=5,seq_len=3' } })
  const values = JSON.parse(String(await readKept(dir, 'open', 'echo', 'output.json'))) as Record<
    string,
    number[]
  >
  expect([values['x']?.length, values['mask']?.length]).toEqual([12, 5])
  const shapes = {
    inputs: [
      { name: 'x', shape: [1, 3, 4] },
      { name: 'mask', shape: [1, 5] },
    ],
    outputs: [{ name: 'y', shape: [1, 3, 4] }],
  }
  expect(await summarizeModel(join(dir, 'onnx', 'open_whole.onnx'))).toMatchObject(shapes)
})

test('the embedded prover proves models of 16-bit floats, and passes over what no node reads', async () => {
  const dir = await temporaryFolder()
  const { input, models } = JSON.parse(runJudge('make_half_models.py', [dir])) as {
    input: number[]
    models: Record<string, number[]>
  }
  writeFileSync(join(dir, 'in.json'), JSON.stringify({ input }))
  const flags = Object.keys(models).flatMap((path) => ['--model', path])
  const { rows } = await runBench(dir, ['models'], [...flags, '--input', join(dir, 'in.json'), ...KEPT])
  expect(rows.filter(({ status }) => status !== 'ok')).toEqual([])
  for (const [path, expected] of Object.entries(models)) {
    const name = path.slice(dir.length + 1, -'.onnx'.length)
    const { output } = JSON.parse(String(await readKept(dir, name, 'gnark', 'output.json'))) as {
      output: number[]
    }
    for (const [index, value] of expected.entries()) expect(output[index]).toBeCloseTo(value, 3)
  }
})
