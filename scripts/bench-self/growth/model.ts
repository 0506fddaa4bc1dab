import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { writeLargeModel } from '../large-model.ts'
import { provemarkCommand, runMeasured } from '../processes.ts'

const SIZES_MB = [1.9, 19, 190, 1900]

export const modelGrowth: Growth = {
  name: 'model',
  what: 'provemark inspect',
  sizes: 'MB of the model',
  async run(context) {
    const steps = []
    for (const size of context.quick ? SIZES_MB.slice(0, -1) : SIZES_MB) {
      const model = join(context.dir, 'model.onnx')
      writeLargeModel(model, size * 1e6)
      steps.push({ size, ...(await runMeasured(provemarkCommand(context, ['inspect', model]))) })
    }
    return steps
  },
}
