import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { encodeModel, makeModel, makeNode, makeTensor, makeValueInfo } from '../model/onnx.ts'
import { makeMessage } from '../model/proto/schema.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const LENET = fileURLToPath(new URL('../../fixtures/lenet.onnx', import.meta.url))
const LENET_INPUT = fileURLToPath(new URL('../../fixtures/lenet_input.json', import.meta.url))

const parent = mkdtempSync(join(tmpdir(), 'provemark cli é-'))
afterAll(() => rmSync(parent, { recursive: true }))
let folder = parent
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'test-'))
})

const provemark = (...args: string[]) =>
  execa(process.execPath, [CLI, ...args], { cwd: folder, reject: false, env: { NO_COLOR: '1' } })

const read = (name: string) => readFileSync(join(folder, name))

test('generate lenet writes the fixtures, byte by byte', async () => {
  const { exitCode, stdout } = await provemark('generate', 'lenet', '--input', 'in.json')
  expect(exitCode).toBe(0)
  expect(stdout).toContain('lenet.onnx: lenet, 62,006 parameters, sha256 ')
  expect(read('lenet.onnx').equals(readFileSync(LENET))).toBe(true)
  expect(read('in.json').equals(readFileSync(LENET_INPUT))).toBe(true)
})

test('generate depth takes every parameter, and inspect reads it back', async () => {
  const sizes = ['--depth', '4', '--input-hw', '33', '--in-ch', '2', '--conv-out-ch', '3', '--fc-hidden', '5']
  const rest = ['--n-actions', '6', '--pool-cap', '3', '--stop-at-hw', '5', '--seed', '9']
  const made = await provemark(
    'generate',
    'depth',
    ...sizes,
    ...rest,
    '-o',
    'a b/m.onnx',
    '--input',
    'in.json',
  )
  expect(made.stdout).toContain('depth_d4_c4_p2_f1_r5')
  const { stdout } = await provemark('inspect', join('a b', 'm.onnx'), '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    operators: { Conv: 4, MaxPool: 2, Relu: 5, Gemm: 2, Flatten: 1 },
    inputs: [{ name: 'input', shape: [1, 2, 33, 33] }],
    outputs: [{ name: 'output', shape: [1, 6] }],
    opset: 13,
  })
  expect(JSON.parse(read('in.json').toString()).input).toHaveLength(2 * 33 * 33)
})

test('a command that does not exist, or that is not there, is told with those that do', async () => {
  const wrong = await provemark('inpsect', 'm.onnx')
  expect(wrong.stderr).toBe('CONFIG_INVALID: unknown command inpsect\n  next: did you mean inspect?')
  const none = await provemark('generate')
  expect(none.stderr).toBe(
    'CONFIG_INVALID: no command was given\n  next: known: lenet, depth, breadth, operators, mlp, resnet, transformer',
  )
  expect((await provemark('generate', 'dpeth')).stderr).toContain('did you mean depth?')
  expect([wrong.exitCode, none.exitCode]).toEqual([2, 2])
})

test('inspect tells a shape that is not stated from a single number', async () => {
  const stated = makeValueInfo('one', [])
  writeFileSync(
    join(folder, 'm.onnx'),
    encodeModel(makeModel({ input: [{ name: 'x' }, stated], output: [] })),
  )
  const { stdout } = await provemark('inspect', 'm.onnx')
  expect(stdout).toContain('input   x, shape not stated, no type\n')
  expect(stdout).toContain('input   one [], float32\n')
})

test('generate breadth names its file after the point', async () => {
  const { stdout } = await provemark('generate', 'breadth', '--input-hw', '14', '--arch-depth', '2')
  expect(stdout).toContain('breadth_h14_d2_c2_p2_f1_r3.onnx: ')
  expect(read('breadth_h14_d2_c2_p2_f1_r3.onnx').length).toBeGreaterThan(50_000)
})

test('wrong values are named all at once, and nothing is written', async () => {
  const bad = await provemark('generate', 'depth', '--depth', '0', '--fc-hidden', 'wide', '-o', 'm.onnx')
  expect(bad.exitCode).toBe(2)
  expect(bad.stderr).toContain('--depth: expected an integer of at least 1, given 0')
  expect(bad.stderr).toContain('--fc-hidden: expected an integer of at least 1, given "wide"')
  const impossible = await provemark(
    'generate',
    'depth',
    '--depth',
    '9',
    '--input-hw',
    '8',
    '--pool-cap',
    '9',
  )
  expect(impossible.exitCode).toBe(2)
  expect(impossible.stderr).toContain('depth 9 at 8x8: 9 pools would shrink the side below 1, 3 are possible')
  const unknown = await provemark('generate', 'depth', '--dept', '3')
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('did you mean --depth?')
  expect((await execa('ls', { cwd: folder })).stdout).toBe('')
})

test("a user's own files are not replaced", async () => {
  writeFileSync(join(folder, 'mine.onnx'), 'notes')
  writeFileSync(join(folder, 'mine.json'), '[1]')
  const model = await provemark('generate', 'lenet', '-o', 'mine.onnx')
  expect(model).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('FILE_EXISTS: mine.onnx') })
  const input = await provemark('generate', 'lenet', '--input', 'mine.json')
  expect(input).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('FILE_EXISTS: mine.json') })
  expect((await execa('ls', { cwd: folder })).stdout).toBe('mine.json\nmine.onnx')
  expect((await provemark('generate', 'lenet', '--input', 'mine.json', '--force')).exitCode).toBe(0)
  expect(read('mine.json').equals(readFileSync(LENET_INPUT))).toBe(true)
})

test('inspect prints a summary for people', async () => {
  const { stdout } = await provemark('inspect', LENET)
  expect(stdout.replace(LENET, 'lenet.onnx')).toMatchInlineSnapshot(`
    "lenet.onnx: 62,006 parameters, 244 KiB
      opset 13, IR version 8, made by provemark
      input   input [1, 3, 32, 32], float32
      output  output [1, 10], float32
      nodes   12: 4 Relu, 3 Gemm, 2 Conv, 2 MaxPool, 1 Flatten
      initializers by element type: 10 float32
      initializers in the file               62,006 values in 10 tensors, 242 KiB
      initializers in external files              0 values in 0 tensors, 0 B
      Constant nodes                              0 values in 0 tensors, 0 B"
  `)
})

test('names in a model cannot steer the terminal, start a line or reorder one', async () => {
  const odd = '\u001B[2Jx\n\r\u0085\u2028\u202E\u2066\u200B\uFEFFy'
  const shown = '\uFFFD[2Jx\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDy'
  const model = makeModel({
    input: [makeValueInfo(odd, [1])],
    output: [makeValueInfo(`${odd}z`, [1])],
    node: [makeNode(odd, odd, [odd], [`${odd}z`])],
  })
  writeFileSync(join(folder, 'odd.onnx'), encodeModel({ ...model, producer_name: odd }))
  const { stdout } = await provemark('inspect', 'odd.onnx')
  expect(stdout.split('\n').slice(1, 5)).toEqual([
    `  opset 13, IR version 8, made by ${shown}`,
    `  input   ${shown} [1], float32`,
    `  output  ${shown}z [1], float32`,
    `  nodes   1: 1 ${shown}`,
  ])
  expect(JSON.parse((await provemark('inspect', 'odd.onnx', '--json')).stdout).inputs[0].name).toBe(odd)
})

test('a file whose name starts with a dash is named as the folder sees it', async () => {
  await provemark('generate', 'lenet', '-o', '-net.onnx')
  expect((await provemark('inspect', '-net.onnx')).stderr).toContain(
    '-net.onnx: expected a known flag (the file is ./-net.onnx)',
  )
  expect((await provemark('inspect', './-net.onnx')).stdout).toContain('62,006 parameters')
})

test('inspect fixes open sides by name and place', async () => {
  const open = makeValueInfo('x', [1, 1, 1])
  open.type!.tensor_type!.shape!.dim = [{ dim_param: 'batch' }, { dim_param: 'seq_len' }, {}]
  writeFileSync(join(folder, 'open.onnx'), encodeModel(makeModel({ input: [open] })))
  expect((await provemark('inspect', 'open.onnx')).stdout).toContain('x [batch, seq_len, ?], float32')
  const fixed = await provemark('inspect', 'open.onnx', '--dim', 'seq_len=64', '--dim', 'x:2=7')
  expect(fixed.stdout).toContain('x [batch, 64, 7], float32')
  const wrong = await provemark('inspect', 'open.onnx', '--dim=seqlen=64')
  expect(wrong).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('open dimensions: batch, seq_len, '),
  })
})

test('inspect says what is wrong with a file and what to do', async () => {
  const { exitCode, stderr } = await provemark('inspect', LENET_INPUT)
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(
    /^MODEL_UNREADABLE: .*lenet_input\.json is not an ONNX model, or is damaged: .*\n {2}next: /,
  )
})

test('inspect counts one as one, and lists nothing where there is nothing', async () => {
  const port = makeValueInfo('x', [1])
  writeFileSync(join(folder, 'none.onnx'), encodeModel(makeModel({ input: [port], output: [port] })))
  expect((await provemark('inspect', 'none.onnx')).stdout).toMatch(/^ {2}nodes {3}0$/m)
  const initializer = [makeTensor('w', [1], new Float32Array(1))]
  const node = [makeNode('Add', 'add', ['x', 'w'], ['y'])]
  const one = makeModel({ input: [port], output: [makeValueInfo('y', [1])], initializer, node })
  writeFileSync(join(folder, 'one.onnx'), encodeModel(one))
  const { stdout } = await provemark('inspect', 'one.onnx')
  expect(stdout).toContain('one.onnx: 1 parameter, ')
  expect(stdout).toMatch(/initializers in the file +1 value in 1 tensor, 4 B/)
})

test('inspect warns of names and orders that no prover can follow, in subgraphs too', async () => {
  const inner = makeMessage('GraphProto', {
    node: [makeNode('Relu', 'in', ['late'], ['i'])],
    output: [makeValueInfo('i', [1])],
  })
  const attribute = [makeMessage('AttributeProto', { name: 'then_branch', g: inner })]
  const model = makeModel({
    input: [makeValueInfo('x', [1])],
    output: [makeValueInfo('z', [1]), makeValueInfo('lost', [1])],
    node: [
      { ...makeNode('If', 'if', ['x'], ['b']), attribute },
      makeNode('Relu', 'same', ['late', ''], ['w']),
      makeNode('Relu', 'same', ['x'], ['late']),
      makeNode('Add', '', ['w', 'ghost'], ['z']),
      makeNode('Relu', '', ['x'], ['z']),
    ],
  })
  writeFileSync(join(folder, 'bad.onnx'), encodeModel(model))
  const { stdout } = await provemark('inspect', 'bad.onnx')
  expect(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('  !'))
      .toSorted(),
  ).toEqual([
    '  ! nodes share a name: same',
    '  ! values are made more than once: z',
    '  ! values are used before they are made: late',
    '  ! values are used that no node, input or initializer makes: ghost, lost',
  ])
  expect((await provemark('inspect', LENET)).stdout).not.toContain('!')
})
