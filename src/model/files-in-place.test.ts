import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readHeaders, readModel } from './file.ts'
import { readInput } from './read-input.ts'
import { encodeModel, makeModel, makeNode, makeTensor, type OnnxModel } from './onnx.ts'
import { makeMessage } from './proto/schema.ts'
import { summarizeModel } from './summary.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-in-place-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4'.repeat(64)}\nsize 98304\n`

/** What lies in repositories and downloads where a file should be. */
const IMPOSTORS: [name: string, content: string | Buffer, what: string, hint: string][] = [
  ['a Git LFS pointer', LFS, 'it is a Git LFS pointer', 'git lfs pull'],
  [
    'a git-annex pointer',
    '/annex/objects/SHA256E-s98304--44.onnx\n',
    'it is a git-annex pointer',
    'git annex get',
  ],
  [
    'an unlocked git-annex link',
    '../.git/annex/objects/xX/SHA256E-s9--4.onnx',
    'it is a git-annex pointer',
    'git annex get',
  ],
  ['an HTML page', '\n<!DOCTYPE html><html><title>Sign in</title></html>', 'it is an HTML page', 'download'],
  [
    'an XML error',
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    'it is an XML document',
    'download',
  ],
  ['nothing', '', 'it is empty', ''],
  ['a PyTorch archive', 'PK\u0003\u0004\u0000\u0000data.pkl', 'it is a ZIP archive', 'export'],
  ['a compressed file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), 'it is compressed with gzip', 'gunzip'],
]

function withExternal(location: string): string {
  const entry = makeMessage('StringStringEntryProto', { key: 'location', value: location })
  const tensor = makeMessage('TensorProto', {
    name: 'w',
    dims: [3],
    data_type: 1,
    external_data: [entry],
    data_location: 1,
  })
  const path = join(folder, 'external.onnx')
  writeFileSync(path, encodeModel(makeModel({ initializer: [tensor] })))
  return path
}

test.each(IMPOSTORS)(
  '%s is recognized, as a model, as weights and as an input',
  async (_, content, what, hint) => {
    const matching = (code: string) =>
      expect.objectContaining({
        code,
        message: expect.stringContaining(what),
        hint: expect.stringContaining(hint),
      })
    const model = join(folder, 'm.onnx')
    writeFileSync(model, content)
    expect(() => readHeaders(model)).toThrow(matching('MODEL_UNREADABLE'))
    expect(() => readModel(model)).toThrow(matching('MODEL_UNREADABLE'))
    for (const name of ['in.json', 'in.npy']) {
      writeFileSync(join(folder, name), content)
      expect(() => readInput(join(folder, name), [{ name: 'x', shape: [1, 4] }])).toThrow(
        matching('INPUT_INVALID'),
      )
    }
    writeFileSync(join(folder, 'w.bin'), content)
    const external = withExternal('w.bin')
    expect(() => readModel(external)).toThrow(matching('MODEL_UNREADABLE'))
    expect((await summarizeModel(external)).warnings).toEqual([expect.stringContaining(what)])
  },
)

test('a git-annex link whose contents are elsewhere is recognized', () => {
  for (const name of ['annexed.onnx', 'annexed.json'])
    symlinkSync(`../.git/annex/objects/aa/bb/SHA256E-s9--${name}`, join(folder, name))
  expect(() => readHeaders(join(folder, 'annexed.onnx'))).toThrow('it is a git-annex link')
  expect(() => readInput(join(folder, 'annexed.json'), [{ name: 'x', shape: [1] }])).toThrow(
    'it is a git-annex link',
  )
})

const NODE = makeNode('Relu', 'r', ['x'], ['y'])

test.each<[string, OnnxModel, string]>([
  ['no IR version', { ...makeModel({ node: [NODE] }), ir_version: 0 }, 'its IR version is 0'],
  ['an absurd IR version', { ...makeModel({ node: [NODE] }), ir_version: 2 ** 40 }, 'its IR version is'],
  ['no operator set', { ...makeModel({ node: [NODE] }), opset_import: [] }, 'it has no operator set'],
  [
    'an operator set 0',
    { ...makeModel({ node: [NODE] }), opset_import: [makeMessage('OperatorSetIdProto', { domain: '' })] },
    'without a version',
  ],
  [
    'a node without an operator',
    makeModel({ node: [NODE, { ...NODE, op_type: '' }] }),
    'node 1 has no operator',
  ],
])('a file with %s is no model, though it parses', async (_, model, message) => {
  const path = join(folder, 'garbage.onnx')
  writeFileSync(path, encodeModel(model))
  await expect(summarizeModel(path)).rejects.toMatchObject({
    code: 'MODEL_UNREADABLE',
    message: expect.stringContaining(message),
  })
})

test('external data out of the folder, files that are missing and a cycle are warned of', async () => {
  expect((await summarizeModel(withExternal('../w.bin'))).warnings).toEqual([
    expect.stringContaining("is outside the model's folder"),
  ])
  expect((await summarizeModel(withExternal('none.bin'))).warnings).toEqual([
    expect.stringContaining('external data cannot be read'),
  ])
  const path = join(folder, 'cycle.onnx')
  const inner = makeMessage('GraphProto', {
    node: [makeNode('Relu', 'inner', ['c'], ['d'])],
    output: [{ name: 'd' }],
  })
  const branch = makeNode('If', 'branch', ['flag'], ['a'])
  branch.attribute = [makeMessage('AttributeProto', { name: 'then_branch', g: inner, type: 5 })]
  const node = [makeNode('Relu', 'first', ['a'], ['b']), makeNode('Relu', 'second', ['b'], ['c']), branch]
  const [flag, a] = ['flag', 'a'].map((name) => makeTensor(name, [1], new Float32Array(1)))
  writeFileSync(path, encodeModel(makeModel({ node, initializer: [flag!] })))
  expect((await summarizeModel(path)).warnings).toEqual([
    'the graph has a cycle: first -> second -> branch -> first',
  ])
  const chain = node.slice(0, 2)
  for (const [order, warnings] of [
    [chain, []],
    [chain.toReversed(), ['values are used before they are made: b']],
  ] as const) {
    writeFileSync(path, encodeModel(makeModel({ node: [...order], initializer: [a!] })))
    expect((await summarizeModel(path)).warnings).toEqual(warnings)
  }
})
