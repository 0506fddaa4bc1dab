import { ProvemarkError } from '../errors.ts'
import { Allowance, Call } from './infer/call.ts'
import { constant } from './infer/constant.ts'
import { conv } from './infer/conv.ts'
import { add, batchNormalization, clip, relu, sigmoid, softmax } from './infer/elementwise.ts'
import { gemm, matMul } from './infer/linear.ts'
import { averagePool, maxPool } from './infer/pool.ts'
import { flatten, identity, reshape } from './infer/reshape.ts'
import { readTensor, type Tensor } from './infer/tensor.ts'
import type { PortValues } from './input.ts'
import type { OnnxGraph, OnnxModel } from './onnx.ts'
import { fixInputs, listOutputs } from './ports.ts'
import { findOpset, nameOperator } from './summary.ts'
import { sizeOf } from './shape.ts'

const OPERATORS = new Map<string, (call: Call) => Tensor>([
  ['Add', add],
  ['AveragePool', averagePool],
  ['BatchNormalization', batchNormalization],
  ['Clip', clip],
  ['Constant', constant],
  ['Conv', conv],
  ['Dropout', identity],
  ['Flatten', flatten],
  ['Gemm', gemm],
  ['Identity', identity],
  ['MatMul', matMul],
  ['MaxPool', maxPool],
  ['Relu', relu],
  ['Reshape', reshape],
  ['Sigmoid', sigmoid],
  ['Softmax', softmax],
])

/** Operators that the reference inference knows. */
export const INFERABLE_OPERATORS: readonly string[] = [...OPERATORS.keys()]

export interface InferOptions {
  /** Most multiplications; default 10^11, some minutes. */
  maxSteps?: number
}

/**
 * The plain reference: each node in the file's order, sums in float64, results in float32. External data has to
 * be in the model already (`readModel`).
 * @param inputs one for each input of the model, in its order
 * @throws ProvemarkError MODEL_UNSUPPORTED naming the node, MODEL_UNREADABLE, INPUT_INVALID
 */
export function inferModel(
  model: OnnxModel,
  inputs: readonly ArrayLike<number>[],
  { maxSteps = 1e11 }: InferOptions = {},
): { outputs: PortValues[] } {
  const { graph } = model
  if (!graph)
    throw new ProvemarkError('MODEL_UNREADABLE', 'the model holds no graph', { hint: 'export it again' })
  refuseUnknown(graph)
  const values = new Map<string, Tensor>()
  for (const tensor of graph.initializer) values.set(tensor.name ?? '', readTensor(tensor))
  for (const [name, tensor] of bindInputs(model, inputs)) values.set(name, tensor)
  const allowance = new Allowance(maxSteps)
  const opset = findOpset(model)
  for (const node of graph.node) {
    // An empty name stands for an optional input that is left out.
    const call = new Call(
      node,
      opset,
      node.input.map((name) => (name === '' ? undefined : values.get(name))),
      allowance,
    )
    const output = OPERATORS.get(nameOperator(node))!(call)
    values.set(node.output[0] ?? call.fail('it has no output'), output)
  }
  return { outputs: listOutputs(model).map(({ name }) => collect(name, values.get(name))) }
}

function refuseUnknown({ node }: OnnxGraph): void {
  const unknown = node.find((candidate) => !OPERATORS.has(nameOperator(candidate)))
  if (!unknown) return
  throw new ProvemarkError(
    'MODEL_UNSUPPORTED',
    `node ${unknown.name || unknown.output[0] || '?'}: the reference inference does not know ${nameOperator(unknown)}`,
    { hint: `known are ${INFERABLE_OPERATORS.join(', ')}` },
  )
}

function bindInputs(model: OnnxModel, inputs: readonly ArrayLike<number>[]): [string, Tensor][] {
  const ports = fixInputs(model)
  return ports.map(({ name, shape }, index) => {
    const expected = sizeOf(shape)
    const given = inputs[index]?.length
    if (given === expected) return [name, { dims: shape, data: new Float32Array(inputs[index]!) }]
    throw new ProvemarkError(
      'INPUT_INVALID',
      `input ${name} [${shape.join(', ')}]: ${expected} values are expected, ${given ?? 'none'} given`,
      { hint: 'give one list of values for each input of the model' },
    )
  })
}

function collect(name: string, tensor: Tensor | undefined): PortValues {
  if (tensor) return { name, shape: [...tensor.dims], values: new Float32Array(tensor.data) }
  throw new ProvemarkError('MODEL_UNREADABLE', `no node makes the output ${name}`, {
    hint: 'export the model again',
  })
}
