import { type AttributeValue, DATA_TYPE, type OnnxModel } from '../onnx.ts'
import { GraphBuilder } from './graph-builder.ts'

/** Makes the operands of an operator, of about `size` values; returns their names. */
type Operands = (graph: GraphBuilder, size: number) => string[]

interface OperatorModel {
  /** Adds the operator to a graph; returns its output. */
  build: (graph: GraphBuilder, size: number) => string
  /** The operator set that introduced the operator; 17 if it is older. */
  opset?: number
  /** Element type of its output; default: float32. */
  outputType?: number
}

type Attributes = Record<string, AttributeValue>

const OPSET = 17

/** The side of an image of twice `size` values, and of a matrix of half as many rows. */
const sideOf = (size: number) => Math.max(2, 2 * Math.round(Math.sqrt(size / 2)))

const vector = (graph: GraphBuilder, size: number, name = 'x') => graph.input(name, [1, size])
const matrix = (graph: GraphBuilder, size: number) => graph.input('x', [sideOf(size) / 2, sideOf(size)])
const image = (graph: GraphBuilder, size: number) => graph.input('x', [1, 1, sideOf(size), sideOf(size)])

const on = (operator: string, operands: Operands, attributes: Attributes = {}): OperatorModel => ({
  build: (graph, size) => graph.add(operator, 'op', operands(graph, size), attributes),
})

/** One value per value of a vector. */
const unary = (operator: string) => on(operator, (graph, size) => [vector(graph, size)])

const two: Operands = (graph, size) => [vector(graph, size), vector(graph, size, 'y')]

const binary = (operator: string, outputType: number = DATA_TYPE.FLOAT): OperatorModel => ({
  ...on(operator, two),
  outputType,
})

/** Inputs lie in [-1, 1): 1.5 is added for functions that are only defined for positive numbers. */
const positive = (graph: GraphBuilder, size: number, name?: string) =>
  graph.add('Add', 'shift', [vector(graph, size, name), graph.scalar('one_and_a_half', 1.5)])

const ofPositive = (operator: string) => on(operator, (graph, size) => [positive(graph, size)])

/** Along the rows of a matrix. */
const rows = (operator: string, attributes: Attributes = { axis: -1 }) =>
  on(operator, (graph, size) => [matrix(graph, size)], attributes)

const window = (operator: string, attributes: Attributes = {}) =>
  on(operator, (graph, size) => [image(graph, size)], attributes)

const HALVES = { kernel_shape: [2, 2], strides: [2, 2] }
/** Rows and width of the table of Gather. */
const TABLE = [16, 8]

/** The operators of the track, by their ONNX names. */
const OPERATOR_MODELS = {
  Abs: unary('Abs'),
  Add: binary('Add'),
  ArgMax: { ...rows('ArgMax', { axis: -1, keepdims: 0 }), outputType: DATA_TYPE.INT64 },
  AveragePool: window('AveragePool', HALVES),
  BatchNormalization: on('BatchNormalization', (graph, size) => [
    image(graph, size),
    ...['scale', 'bias', 'mean'].map((name) => graph.uniform(name, [1], 0.5, 0.5)),
    graph.uniform('variance', [1], 0.5, 1),
  ]),
  Clip: on('Clip', (graph, size) => [
    vector(graph, size),
    graph.scalar('low', -0.5),
    graph.scalar('high', 0.5),
  ]),
  Concat: on('Concat', two, { axis: 0 }),
  Conv: {
    build: (graph, size) =>
      graph.conv('op', image(graph, size), { inChannels: 1, outChannels: 4, kernel: 3, pad: 1 }),
  },
  ConvTranspose: on(
    'ConvTranspose',
    (graph, size) => [image(graph, size), graph.weight('weight', [1, 4, 2, 2], 4)],
    HALVES,
  ),
  Cos: unary('Cos'),
  Div: on('Div', (graph, size) => [vector(graph, size), positive(graph, size, 'y')]),
  Elu: unary('Elu'),
  Equal: binary('Equal', DATA_TYPE.BOOL),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  Gather: on('Gather', (graph, size) => [
    graph.uniform('table', TABLE, 1),
    graph.input('x', [1, size], DATA_TYPE.INT64),
  ]),
  Gelu: { ...unary('Gelu'), opset: 20 },
  Gemm: {
    build: (graph, size) =>
      graph.dense('op', matrix(graph, size), { inFeatures: sideOf(size), outFeatures: sideOf(size) }),
  },
  GlobalAveragePool: window('GlobalAveragePool'),
  Greater: binary('Greater', DATA_TYPE.BOOL),
  GridSample: on('GridSample', (graph, size) => [
    image(graph, size),
    graph.uniform('grid', [1, sideOf(size), sideOf(size), 2], 1),
  ]),
  HardSigmoid: unary('HardSigmoid'),
  HardSwish: unary('HardSwish'),
  LayerNormalization: on(
    'LayerNormalization',
    (graph, size) => [
      matrix(graph, size),
      graph.uniform('scale', [sideOf(size)], 0.5, 1),
      graph.uniform('bias', [sideOf(size)], 0.1),
    ],
    { axis: -1 },
  ),
  LeakyRelu: unary('LeakyRelu'),
  Log: ofPositive('Log'),
  MatMul: on('MatMul', (graph, size) => [
    matrix(graph, size),
    graph.input('y', [sideOf(size), sideOf(size) / 2]),
  ]),
  Max: binary('Max'),
  MaxPool: window('MaxPool', HALVES),
  Min: binary('Min'),
  Mish: { ...unary('Mish'), opset: 18 },
  Mul: binary('Mul'),
  Neg: unary('Neg'),
  PRelu: on('PRelu', (graph, size) => [vector(graph, size), graph.uniform('slope', [size], 0.5)]),
  Pad: on('Pad', (graph, size) => [image(graph, size), graph.integers('pads', [0, 0, 1, 1, 0, 0, 1, 1])]),
  Pow: on('Pow', (graph, size) => [positive(graph, size), graph.scalar('exponent', 2.5)]),
  Reciprocal: ofPositive('Reciprocal'),
  ReduceMax: rows('ReduceMax', { axes: [-1] }),
  ReduceMean: rows('ReduceMean', { axes: [-1] }),
  ReduceSum: on('ReduceSum', (graph, size) => [matrix(graph, size), graph.integers('axes', [-1])]),
  Relu: unary('Relu'),
  Resize: on(
    'Resize',
    (graph, size) => [image(graph, size), '', graph.store('scales', [4], Float32Array.of(1, 1, 2, 2))],
    { mode: 'linear' },
  ),
  Round: unary('Round'),
  Selu: unary('Selu'),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Softmax: rows('Softmax'),
  Softplus: unary('Softplus'),
  Softsign: unary('Softsign'),
  Sqrt: ofPositive('Sqrt'),
  Sub: binary('Sub'),
  Tanh: unary('Tanh'),
  Transpose: rows('Transpose', { perm: [1, 0] }),
  Where: on('Where', (graph, size) => [
    graph.input('condition', [1, size], DATA_TYPE.BOOL),
    ...two(graph, size),
  ]),
} satisfies Record<string, OperatorModel>

export type OperatorName = keyof typeof OPERATOR_MODELS

export const OPERATOR_NAMES = Object.keys(OPERATOR_MODELS) as [OperatorName, ...OperatorName[]]

/**
 * A model of one operator on a vector of `size` values, on a matrix of the nearest number of values that makes its rows
 * half as many as its columns (4x8, 8x16, 16x32), or on an image with the sides of its columns (8x8, 16x16, 32x32).
 * Functions that are only defined for positive numbers get their input plus 1.5. The same bytes for the same
 * parameters.
 */
export function generateOperator(op: OperatorName, size: number, seed: number): OnnxModel {
  const { build, opset = OPSET, outputType }: OperatorModel = OPERATOR_MODELS[op]
  const graph = new GraphBuilder(seed)
  const output = build(graph, size)
  return graph.build(op, [output], { opset, ...(outputType ? { outputType } : {}) })
}
