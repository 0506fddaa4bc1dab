import { join } from 'node:path'
import { generateCnn } from '../../../src/model/generate/cnn.ts'
import { writeModel } from '../../../src/model/write.ts'
import type { Benchmark, Context } from '../benchmark.ts'
import { provemarkCommand, runMeasured, takeTurns, timeMs } from '../processes.ts'

const MODEL = {
  depth: 1,
  in_ch: 4,
  input_hw: 28,
  conv_out_ch: 16,
  fc_hidden: 128,
  n_actions: 10,
  pool_cap: 2,
}
const MOST_COMMAND = 1 / 10
const MOST_CALL = 1 / 2

/** The same architecture, 403,418 parameters, by the command and by a call in a process that runs already. */
export const generate: Benchmark = {
  name: 'generate',
  what: 'ONNX model of 1.6 MB, generated and written',
  against: 'torch.onnx.export',
  findMissing: ({ torchPython }) =>
    torchPython ? undefined : 'no --torch-python PYTHON was given: one with torch and onnxscript',
  async run(context) {
    const rounds = context.quick ? 1 : 5
    const { torchPython, dir } = context
    const target = join(dir, 'torch.onnx')
    const script = join(import.meta.dirname, '../python/export_onnx.py')
    const exportWith = (warm: number) =>
      runMeasured({ file: torchPython!, args: [script, target, '1', '28', String(warm)], cwd: dir })
    let made = 0
    const args = () => [
      'generate',
      'depth',
      '--depth',
      '1',
      '--input-hw',
      '28',
      '-o',
      `${dir}/${++made}.onnx`,
    ]
    const processes = await takeTurns(
      rounds,
      async () => (await runMeasured(provemarkCommand(context, args()))).timeS,
      async () => (await exportWith(0)).timeS,
    )
    const calls = await exportWith(10)
    const ours: number[] = []
    for (let i = 0; i < 10; i++) ours.push((await timeMs(() => generateOnce(context, i))) / 1000)
    return [
      {
        what: 'the command',
        unit: 's',
        ...processes,
        commands: {
          ours: 'provemark generate depth --depth 1 --input-hw 28 -o FILE',
          other: 'python export_onnx.py FILE 1 28',
        },
        by: 'ratio',
        limit: MOST_COMMAND,
      },
      {
        what: 'the warm call',
        unit: 's',
        ours,
        other: readSeconds(calls.output),
        commands: { ours: 'writeModel(path, generateCnn(params))', other: 'torch.onnx.export(…) again' },
        by: 'ratio',
        limit: MOST_CALL,
      },
    ]
  },
}

function generateOnce({ dir }: Context, i: number): void {
  writeModel(join(dir, `warm-${i}.onnx`), generateCnn({ ...MODEL, seed: i }))
}

function readSeconds(output: string): number[] {
  return output
    .split('\n')
    .filter((line) => /^[\d.e-]+$/.test(line))
    .map(Number)
}
