import '../require-node.ts'
export { makeModel, makeNode, makeTensor, makeValueInfo, type AttributeValue } from './build.ts'
export { generateCnn, type CnnParams } from './cnn.ts'
export {
  generateInputs,
  readInput,
  writeInput,
  type Distribution,
  type InputOptions,
  type PortValues,
  type Values,
} from './input.ts'
export { generateLenet } from './lenet.ts'
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
export { readModel } from './read.ts'
export type { Dims } from './sides.ts'
export { summarizeModel, type ModelSummary } from './summary.ts'
export { readTensor, type Tensor } from './tensor.ts'
export { writeModel, type WrittenModel } from './write.ts'
