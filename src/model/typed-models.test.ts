import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runInOnnxruntime, runJudge } from '../../scripts/judges/judge.ts'
import { readHeaders } from './file.ts'
import { summarizeModel } from './summary.ts'
import { makeWhole } from './write.ts'
import { writeCopy } from './write.ts'

interface TypedModel {
  name: string
  path: string
  params: number
  bytes: number
  whole: boolean
}

const folder = mkdtempSync(join(tmpdir(), 'provemark-typed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const models = JSON.parse(runJudge('make_typed_models.py', [folder])) as TypedModel[]

test.each(models)('$name has the parameters and bytes that onnx gives it', async (model) => {
  const { param_count, initializers, warnings } = await summarizeModel(model.path)
  expect({ params: param_count, bytes: initializers.in_file.bytes }).toEqual({
    params: model.params,
    bytes: model.bytes,
  })
  expect(warnings).toEqual([])
})

test('the copy that provers are given keeps every field, those that provemark does not read included', () => {
  const copies = models.flatMap(({ name, path, whole }) => {
    const bytes = makeWhole(path, readHeaders(path).model)
    expect([name, bytes !== undefined]).toEqual([name, whole])
    return bytes ? [{ path, copy: writeCopy(join(folder, 'copies', `${name}.onnx`), bytes) }] : []
  })
  expect(copies.length).toBeGreaterThan(4)
  const pairs = copies.map(({ path, copy }) => [path, copy])
  expect(JSON.parse(runJudge('compare_copies.py', [], JSON.stringify(pairs)))).toEqual(pairs.map(() => []))
  const inputs = { x: { shape: [1, 4], values: [1, 2, 3, 4] } }
  const verdicts = runInOnnxruntime(pairs.flat().map((model) => ({ model: model!, inputs })))
  for (const [index, verdict] of verdicts.entries()) {
    expect(verdict.error).toBeUndefined()
    expect(verdict).toEqual(verdicts[index - (index % 2)])
  }
})
