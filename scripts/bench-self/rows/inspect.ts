import { join } from 'node:path'
import { summarizeModel } from '../../../src/model/summary.ts'
import type { Benchmark } from '../benchmark.ts'
import { writeLargeModel } from '../large-model.ts'
import { provemarkCommand, runMeasured, takeTurns, timeMs } from '../processes.ts'

const MOST_COMMAND = 1 / 10
const MOST_CALL = 1 / 100
const MOST_MB = 150

/** A file of the largest size that ONNX holds in one piece. */
export const inspect: Benchmark = {
  name: 'inspect',
  what: 'inspect of a model of 1.9 GB',
  against: 'onnx.load',
  async run(context) {
    const { dir, python, quick } = context
    const model = join(dir, 'large.onnx')
    const bytes = quick ? 190e6 : 1.9e9
    writeLargeModel(model, bytes)
    const script = join(import.meta.dirname, '../python/load_onnx.py')
    const load = (warm: number) =>
      runMeasured({ file: python, args: [script, model, String(warm)], cwd: dir })
    const processes = await takeTurns(
      quick ? 1 : 5,
      () => runMeasured(provemarkCommand(context, ['inspect', model])),
      () => load(0),
    )
    const calls = await load(5)
    await summarizeModel(model)
    const ours: number[] = []
    for (let i = 0; i < 5; i++) ours.push((await timeMs(() => summarizeModel(model))) / 1000)
    const commands = { ours: 'provemark inspect FILE', other: 'python -c "onnx.load(FILE)"' }
    return [
      {
        what: 'the command',
        unit: 's',
        ours: processes.ours.map(({ timeS }) => timeS),
        other: processes.other.map(({ timeS }) => timeS),
        commands,
        by: 'ratio',
        limit: MOST_COMMAND,
      },
      {
        what: 'the warm call',
        unit: 's',
        ours,
        other: calls.output.trim().split('\n').map(Number),
        commands: { ours: 'summarizeModel(path)', other: 'onnx.load(path) again' },
        by: 'ratio',
        limit: MOST_CALL,
      },
      {
        what: 'peak memory of the command',
        unit: 'MB',
        ours: processes.ours.map(({ memMb }) => memMb),
        commands: { ours: commands.ours },
        by: 'absolute',
        limit: MOST_MB,
      },
    ]
  },
}
