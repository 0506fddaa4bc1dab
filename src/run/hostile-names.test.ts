import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeModel, makeNode, makeValueInfo } from '../model/onnx.ts'
import { generateCnn } from '../model/generate/cnn.ts'
import { writeModel } from '../model/write.ts'

const TOY = './fixtures/provers/toy.ts'
const ROOT = join(import.meta.dirname, '../..')

/** Names that a shell, a command line, a terminal or a path would misinterpret. */
const NAMES = [
  'two words',
  `it's "quoted"`,
  '$(touch pwned)`touch pwned`',
  '-rf',
  '--help',
  'new\nline',
  '\u001B[2Jcleared',
  'ünï-çødé-模型-✓',
  '%s%n&|;<>*?!',
  'x'.repeat(200),
]

const SHAPE = { depth: 1, input_hw: 8, in_ch: 1, conv_out_ch: 2, fc_hidden: 4, n_actions: 2, seed: 1 }

/** A folder with a hostile name that holds models with hostile names. */
async function makeModels(names: readonly string[]) {
  const dir = await temporaryFolder()
  const folder = join(dir, '-a $(touch pwned)\n\'"ü')
  await mkdir(folder)
  const models = names.map((name) => join(folder, `${name}.onnx`))
  for (const model of models) writeModel(model, generateCnn(SHAPE))
  return { dir, folder, models }
}

/** Every path of a run, in the hostile folder. */
const placesIn = (folder: string) => [
  '--results',
  join(folder, '-rows $(touch pwned).jsonl'),
  '--onnx-dir',
  join(folder, 'onnx dir'),
  '--inputs-dir',
  join(folder, 'inputs\ndir'),
  '--work-dir',
  join(folder, '-work'),
]

test('files and folders may be called anything', async () => {
  const { dir, folder, models } = await makeModels(NAMES)
  const flags = [
    '--prover',
    TOY,
    '--iterations',
    '1',
    ...placesIn(folder),
    ...models.flatMap((model) => ['--model', model]),
  ]
  const { exitCode, all } = await startBench(dir, ['models'], flags)
  expect(exitCode).toBe(0)
  const text = await readFile(join(folder, '-rows $(touch pwned).jsonl'), 'utf8')
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { model: string; status: string })
  expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 4 * NAMES.length }, () => 'ok'))
  expect(new Set(rows.map(({ model }) => model))).toEqual(new Set(models))
  // No part of a name was executed, and none reached the terminal as a control sequence.
  for (const place of [dir, folder, ROOT]) expect(existsSync(join(place, 'pwned'))).toBe(false)
  expect(String(all)).not.toContain('\u001B[2J')
  expect(await readdir(join(folder, '-work'))).toEqual([])
})

test('every file system keeps the files of two points apart, and takes their names', async () => {
  const names = ['Net', 'net', 'NET', 'con', 'Lpt1.b', 'nul.x', 'net.', '.net', 'n'.repeat(101)]
  const { dir, models } = await makeModels(names)
  const flags = ['--prover', TOY, '--iterations', '1', '--keep', 'all']
  const { exitCode, rows } = await runBench(
    dir,
    ['models'],
    [...flags, ...models.flatMap((model) => ['--model', model])],
  )
  expect(exitCode).toBe(0)
  const [folders, inputs] = await Promise.all([
    readdir(join(dir, 'work', rows[0]!.run_id!, 'models')),
    readdir(join(dir, 'inputs')),
  ])
  for (const made of [folders, inputs]) {
    expect(new Set(made.map((name) => name.toLowerCase())).size).toBe(names.length)
    // What Windows refuses: devices, whatever their extension, and names that end with a dot.
    expect(made.filter((name) => /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|\.$/i.test(name))).toEqual([])
    // Six such folders lie within each other, and Windows takes 260 characters for all of them.
    expect(made.filter((name) => name.length > 80)).toEqual([])
  }
  expect(folders).toContain('net')
})

test('the embedded prover takes such files too', { timeout: 240_000 }, async () => {
  const { dir, folder, models } = await makeModels([`-o $(touch pwned) "'\n✓`])
  const input = join(folder, '--input $(touch pwned).json')
  await writeFile(input, JSON.stringify({ input: Array.from({ length: 64 }, () => 0.5) }))
  const flags = ['--iterations', '1', ...placesIn(folder), '--model', models[0]!, '--input', input]
  const { exitCode, all } = await startBench(dir, ['models'], flags)
  expect(String(all)).toContain('verify')
  expect(exitCode).toBe(0)
  expect(existsSync(join(folder, 'pwned'))).toBe(false)
})

test('a failed phase names its command without steering the terminal', async () => {
  const { dir, models } = await makeModels(['\u001B[2J\u001B]0;title\u0007x'])
  const { exitCode, output } = await runBench(
    dir,
    ['models'],
    ['--prover', `${TOY},fail=compile`, '--model', models[0]!],
  )
  expect(output).toContain('compile was told to fail')
  expect(output).not.toContain('\u001B[2J')
  expect(output).not.toContain('\u0007')
  expect(exitCode).toBe(1)
})

test('a run id from a strange results file names no folder elsewhere', async () => {
  const dir = await temporaryFolder()
  const flags = [
    '--prover',
    `${TOY},fail=prove`,
    '--iterations',
    '1',
    '--depth-max',
    '1',
    '--input-hw',
    '8',
    '--conv-out-ch',
    '2',
    '--fc-hidden',
    '4',
  ]
  const { rows } = await runBench(dir, ['depth'], flags)
  const precious = join(dir, 'precious')
  await mkdir(join(precious, 'depth', rows[0]!.point!, 'toy'), { recursive: true })
  const lines = rows.map((row) => JSON.stringify({ ...row, run_id: '../precious' }))
  await writeFile(join(dir, 'rows.jsonl'), `${lines.join('\n')}\n`)
  const { output } = await runBench(dir, ['depth'], [...flags, '--resume', '--retry-failed'])
  expect(output).toContain('there is no run to resume')
  expect(existsSync(join(precious, 'depth', rows[0]!.point!, 'toy'))).toBe(true)
})

test('names inside of a model neither start a line nor steer the terminal', async () => {
  const dir = await temporaryFolder()
  const HOSTILE = 'a\n✓ gate: 99 ok\u001B[2J\u202E'
  const x = makeValueInfo(HOSTILE, [1, 4])
  const y = [makeValueInfo('y', [1, 4])]
  const graphs = {
    node: { node: [makeNode('Frobnicate', HOSTILE, [HOSTILE], ['y'])], input: [x], output: y },
    operator: { node: [makeNode(HOSTILE, 'n', [HOSTILE], ['y'])], input: [x], output: y },
    unnamed: { node: [makeNode('Frobnicate', '', [HOSTILE], [HOSTILE])], input: [x], output: y },
    power: { node: [makeNode('Pow', HOSTILE, [HOSTILE, HOSTILE], ['y'])], input: [x], output: y },
  }
  const flags = Object.entries(graphs).flatMap(([name, graph]) => {
    const model = makeModel({ name: 'g', ...graph })
    return ['--model', writeModel(join(dir, `${name}.onnx`), model).path]
  })
  const { rows, output } = await runBench(dir, ['models'], [...flags, '--iterations', '1'])
  expect(rows).toHaveLength(4 * Object.keys(graphs).length)
  for (const { point, phase, status, error } of rows) {
    expect([point, phase, status, error?.message]).toEqual([
      point,
      phase,
      'skipped',
      expect.stringMatching(/^[^\p{C}]+$/u),
    ])
  }
  expect(output).toContain('a\uFFFD✓ gate: 99 ok\uFFFD[2J\uFFFD')
  expect(output).not.toMatch(/^✓ gate: 99 ok/m)
})
