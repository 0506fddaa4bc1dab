import '../require-node.ts'
export {
  type AttributeValue,
  decodeModel,
  encodeModel,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx.ts'
export { type CnnParams, generateCnn, generateLenet } from './generate/cnn.ts'
export { generateInputs, writeInput, type Distribution, type InputOptions } from './input.ts'
export { readInput } from './read-input.ts'
export { fixInputs, type OpenPort, type Port, type PortValues, type Values } from './ports.ts'
export { drawWeights, makeRandom, type Random } from './random.ts'
export { readModel } from './file.ts'
export type { Dims } from './sides.ts'
export { summarizeModel, type ModelSummary } from './summary.ts'
export { readTensor, type Tensor } from './tensor.ts'
export { writeModel, type WrittenModel } from './write.ts'
