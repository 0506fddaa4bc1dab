import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runJudge } from '../../scripts/judges/judge.ts'
import { makeModel, makeNode, makeTensor, makeValueInfo } from '../model/build.ts'
import { writeModel } from '../model/write.ts'

/** y = x + b and z = b of four values each, by the name of what is asked of them. */
function writeSum(path: string, sides: number[], outputs: string[]): void {
  writeModel(
    path,
    makeModel({
      name: 'sum',
      node: [makeNode('Add', 'sum', ['x', 'b'], ['y']), makeNode('Mul', 'product', ['b', 'b'], ['z'])],
      initializer: [makeTensor('b', sides, Float32Array.of(0, 0, 4, 0))],
      input: [makeValueInfo('x', sides)],
      output: outputs.map((name) => makeValueInfo(name, sides)),
    }),
  )
}

test('what the float model cannot say leaves the proof judged, and is said beside it', async () => {
  const dir = await temporaryFolder()
  runJudge('make_hostile_models.py', [dir])
  writeSum(join(dir, 'wrong.onnx'), [2, 2], ['y'])
  writeSum(join(dir, 'two.onnx'), [2, 2], ['y', 'z'])
  const names = ['3_gigabytes', '100_gigabytes', 'trapping', 'two', 'wrong']
  const models = names.flatMap((name) => ['--model', join(dir, `${name}.onnx`)])
  const flags = [...models, '--prover', './fixtures/provers/constant.ts']
  const { rows, output, exitCode } = await runBench(
    dir,
    ['models'],
    [...flags, '--iterations', '1', '--input-values', 'zero'],
  )
  const verifies = new Map(
    rows.filter(({ phase }) => phase === 'verify').map((row) => [row.point, row] as const),
  )
  expect(verifies.get('3_gigabytes')).toMatchObject({ status: 'ok' })
  const reasons = Object.fromEntries([...verifies].map(([point, { warnings }]) => [point, warnings?.join()]))
  const reason = (why: string) => `the proved output was not compared with the float model: ${why}`
  expect(reasons).toMatchObject({
    '3_gigabytes': reason('onnxruntime needs more than the 2048 MB that it may take'),
    '100_gigabytes': reason('onnxruntime refuses the model: Tensor shape is too large'),
    trapping: reason('onnxruntime crashed: divide result unrepresentable'),
    two: reason('8 values (y [2, 2], z [2, 2]) are expected, 4 were proved'),
  })
  expect(verifies.get('wrong')).toMatchObject({
    status: 'failed',
    output_max_abs_error: 4,
    error: {
      code: 'OUTPUT_MISMATCH',
      message:
        'the proved output differs from the float model by 4, quantisation explains 0.001: y[1, 0] is expected to be 4, 0 was proved',
    },
  })
  expect(output).toContain(reason('onnxruntime crashed'))
  expect(output).toContain('y[1, 0] is expected to be 4, 0 was proved')
  expect(exitCode).toBe(1)
})
