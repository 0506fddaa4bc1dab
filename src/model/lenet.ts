import { makeModel, makeValueInfo } from './build.ts'
import { LayerChain } from './layers.ts'
import type { OnnxModel } from './onnx.ts'
import { makeRandom } from './random.ts'

export const LENET_INPUT_SHAPE = [1, 3, 32, 32]
export const LENET_PARAM_COUNT = 62_006

/** LeNet-5 for 32x32 RGB pictures: two 5x5 conv blocks, two hidden fc layers, ten outputs; 62,006 parameters. */
export function generateLenet({ seed }: { seed: number }): OnnxModel {
  const chain = new LayerChain('input', makeRandom(seed))
    .conv('conv1', 3, 6, 5, 0)
    .relu('relu1')
    .maxPool('pool1')
    .conv('conv2', 6, 16, 5, 0)
    .relu('relu2')
    .maxPool('pool2')
    .flatten('flatten')
    .fc('fc1', 400, 120)
    .relu('relu3')
    .fc('fc2', 120, 84)
    .relu('relu4')
    .fc('fc3', 84, 10, 'output')
  return makeModel({
    node: chain.nodes,
    name: 'lenet',
    initializer: chain.initializers,
    input: [makeValueInfo('input', LENET_INPUT_SHAPE)],
    output: [makeValueInfo('output', [1, 10])],
  })
}
