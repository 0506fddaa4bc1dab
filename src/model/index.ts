import '../require-node.ts'
export { makeModel, makeNode, makeTensor, makeValueInfo, type AttributeValue } from './build.ts'
export { generateCnn } from './generate/cnn.ts'
export type { CnnParams } from './generate/cnn.ts'
export { generateInputs, writeInput, type Distribution, type InputOptions } from './input.ts'
export { readInput } from './read-input.ts'
export type { PortValues, Values } from './ports.ts'
export { generateLenet } from './generate/cnn.ts'
export {
  decodeModel,
  encodeModel,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx.ts'
export { fixInputs, type OpenPort, type Port } from './ports.ts'
export { drawWeights, makeRandom, type Random } from './random.ts'
export { readModel } from './file.ts'
export type { Dims } from './sides.ts'
export { summarizeModel, type ModelSummary } from './summary.ts'
export { readTensor, type Tensor } from './tensor.ts'
export { writeModel, type WrittenModel } from './write.ts'
