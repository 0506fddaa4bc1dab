import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { writeLargeModel } from '../large-model.ts'
import { provemarkCommand, runMeasured } from '../processes.ts'

export const modelGrowth: Growth = {
  name: 'model',
  what: 'provemark inspect',
  counted: 'MB of the model',
  sizes: [1.9, 19, 190, 1900],
  async measure(context, size) {
    const model = join(context.dir, 'model.onnx')
    writeLargeModel(model, size * 1e6)
    return runMeasured(provemarkCommand(context, ['inspect', model]))
  },
}
