import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'

const TOY = './fixtures/provers/toy.ts'

test('what is wrong with flags, provers and points comes at once, and nothing else', async () => {
  const dir = await temporaryFolder()
  const provers = ['--prover', 'gnrak', '--prover', `${TOY},fial=prove`, '--prover', './none.ts']
  const impossible = ['--depth-min', '5', '--input-hw-list', '1']
  const { exitCode, output } = await runBench(dir, [], ['--foo', ...provers, ...impossible])
  expect(output.match(/^  - .*?: expected [^,(]*/gm)).toEqual([
    '  - --foo: expected a known flag ',
    '  - --prover gnrak: expected a prover ',
    `  - fial of --prover ${TOY},fial=prove: expected a known key `,
    '  - --prover ./none.ts: expected a prover ',
    '  - track depth: expected a plan that can run',
    '  - track breadth: expected a plan that can run',
  ])
  expect(output).toContain('next: npx vitest bench -- --help')
  expect(output).not.toMatch(/^ +at /m)
  expect(exitCode).toBe(2)
})

test('bad flags end with 2 before anything runs', async () => {
  const dir = await temporaryFolder()
  const { exitCode, output, rows } = await runBench(dir, ['depth'], ['--depth-max', 'many', '--no-such', '3'])
  expect(output).toContain('--depth-max: expected an integer of at least 1, given "many"')
  expect(output).toContain('--no-such: expected a known flag')
  expect(rows).toEqual([])
  expect(exitCode).toBe(2)
})

test('a dry run prints the points and runs nothing', async () => {
  const dir = await temporaryFolder()
  const { exitCode, output } = await runBench(dir, [], ['--prover', TOY, '--dry-run'])
  for (const id of ['lenet', 'depth_d3_c3_p2_f1_r4', 'breadth_h14_d2_c2_p2_f1_r3'])
    expect(output).toContain(id)
  expect(output).toContain('predicted: nothing, since no point was measured yet')
  expect(await readdir(dir)).toEqual([])
  expect(exitCode).toBe(0)
})

test.each([
  ['lenet -- --iterations 3', 1],
  ['depth --', 3],
  ['-- --sweep depth --depth-min 1 --depth-max 16 --input-hw 56 --iterations 3', 16],
  [
    '-- --sweep breadth --arch-depth 5 --input-hw-list 28,56,84,112 --iterations 3 --pool-cap 2 --conv-out-ch 16 --fc-hidden 256',
    4,
  ],
  ['models -- --model fixtures/lenet.onnx', 1],
  ['operators -- --ops Exp,Softmax --sizes 32,64,128', 6],
  ['mlp resnet -- --profile full', 14],
  ['transformer -- --size micro,nano --seq-len 16,32', 4],
  ['depth -- --stop-at-hw 7 --n-actions 10 --in-ch 4 --tag x --profile full --seed 7', 12],
])('the recipe %s plans %i points', async (recipe, points) => {
  const dir = await temporaryFolder()
  const [filters = '', flags = ''] = recipe.split('--', 1).concat(recipe.slice(recipe.indexOf('--') + 2))
  const words = (text: string) => text.split(' ').filter(Boolean)
  const { exitCode, output } = await runBench(dir, words(filters), [...words(flags), '--dry-run'])
  expect(exitCode).toBe(0)
  expect(output.match(/^ {2}\w/gm)).toHaveLength(points)
})

test('networks that cannot be made are refused before anything runs', async () => {
  const dir = await temporaryFolder()
  const flags = ['--heads', '3', '--blocks', '3', '--input-hw', '2']
  const { exitCode, output, rows } = await runBench(dir, ['resnet', 'transformer'], flags)
  expect(output).toContain('d_model 16 is not a multiple of 3 heads')
  expect(output).toContain('3 stages would shrink a side of 2 below 1')
  expect([rows, exitCode]).toEqual([[], 2])
})

test('an impossible plan names its points, and nothing is run', async () => {
  const dir = await temporaryFolder()
  const { exitCode, output, rows } = await runBench(
    dir,
    ['breadth'],
    ['--input-hw-list', '1,28', '--pool-cap', '5', '--arch-depth', '5'],
  )
  expect(output).toMatch(/CONFIG_INVALID/)
  expect(output).toMatch(/depth 5.*1x1|1x1.*depth 5/)
  expect(rows).toEqual([])
  expect(exitCode).toBe(2)
})

test('a model or an input that cannot be read is told before what is missing', async () => {
  const dir = await temporaryFolder()
  const [script, input] = [join(dir, 'export.py'), join(dir, 'in.json')]
  await writeFile(script, 'import torch\n')
  await writeFile(input, '{"input":[1,2]}')
  const gate = ['--prover', TOY, '--baseline', 'none.jsonl']
  const wrong = await runBench(dir, ['models'], [...gate, '--model', script])
  expect(wrong.output).toMatch(/^MODEL_UNREADABLE: .*export\.py is not an ONNX model/m)
  const given = ['--model', 'fixtures/lenet.onnx', '--input', input]
  const small = await runBench(dir, ['models'], [...gate, ...given])
  expect(small.output).toMatch(/^INPUT_INVALID: .*3072 values are expected, 2 given/m)
  for (const { output, exitCode, rows } of [wrong, small]) {
    expect(output).not.toContain('BASELINE_MISSING')
    expect(rows).toEqual([])
    expect(exitCode).toBe(2)
  }
})
