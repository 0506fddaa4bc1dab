import { type AttributeValue, DATA_TYPE, type OnnxModel } from '../onnx.ts'
import { GraphBuilder } from './graph-builder.ts'

/** Adds an operator to a graph, on inputs of about `size` values; returns its output. */
type Build = (graph: GraphBuilder, size: number) => string

interface OperatorModel {
  build: Build
  /** The operator set that brought the operator; 17 if it is older. */
  opset?: number
  /** Element type of its output; default: float32. */
  outputType?: number
}

type Attributes = Record<string, AttributeValue>

const OPSET = 17

/** The side of an image of twice `size` values, and of a matrix of half as many rows. */
const sideOf = (size: number) => Math.max(2, 2 * Math.round(Math.sqrt(size / 2)))

const vector = (graph: GraphBuilder, size: number, name = 'x') => graph.input(name, [1, size])
const matrix = (graph: GraphBuilder, size: number, name = 'x') =>
  graph.input(name, [sideOf(size) / 2, sideOf(size)])
const image = (graph: GraphBuilder, size: number) => graph.input('x', [1, 1, sideOf(size), sideOf(size)])

/** One value per value of a vector. */
const unary = (operator: string, attributes: Attributes = {}): OperatorModel => ({
  build: (graph, size) => graph.add(operator, 'op', [vector(graph, size)], attributes),
})

/** Inputs lie in [-1, 1): 1.5 is added for functions that positive numbers have. */
const positive = (graph: GraphBuilder, x: string) =>
  graph.add('Add', 'shift', [x, graph.scalar('one_and_a_half', 1.5)])

const ofPositive = (operator: string): OperatorModel => ({
  build: (graph, size) => graph.add(operator, 'op', [positive(graph, vector(graph, size))]),
})

const binary = (operator: string, outputType: number = DATA_TYPE.FLOAT): OperatorModel => ({
  build: (graph, size) => graph.add(operator, 'op', [vector(graph, size), vector(graph, size, 'y')]),
  outputType,
})

/** Along the rows of a matrix. */
const rows = (operator: string, attributes: Attributes = { axis: -1 }): OperatorModel => ({
  build: (graph, size) => graph.add(operator, 'op', [matrix(graph, size)], attributes),
})

const window = (operator: string, attributes: Attributes = {}): OperatorModel => ({
  build: (graph, size) => graph.add(operator, 'op', [image(graph, size)], attributes),
})

const HALVES = { kernel_shape: [2, 2], strides: [2, 2] }
/** Rows and width of the table of Gather. */
const TABLE = [16, 8] as const

/** The operators of the track, by their ONNX names. */
const OPERATOR_MODELS = {
  Abs: unary('Abs'),
  Add: binary('Add'),
  ArgMax: { ...rows('ArgMax', { axis: -1, keepdims: 0 }), outputType: DATA_TYPE.INT64 },
  AveragePool: window('AveragePool', HALVES),
  BatchNormalization: {
    build(graph, size) {
      const [scale, bias, mean] = ['scale', 'bias', 'mean'].map((name) => graph.uniform(name, [1], 0.5, 0.5))
      const variance = graph.uniform('variance', [1], 0.5, 1)
      return graph.add('BatchNormalization', 'op', [image(graph, size), scale!, bias!, mean!, variance])
    },
  },
  Clip: {
    build(graph, size) {
      const ends = [graph.scalar('low', -0.5), graph.scalar('high', 0.5)]
      return graph.add('Clip', 'op', [vector(graph, size), ...ends])
    },
  },
  Concat: {
    build: (graph, size) =>
      graph.add('Concat', 'op', [vector(graph, size), vector(graph, size, 'y')], { axis: 0 }),
  },
  Conv: {
    build: (graph, size) =>
      graph.conv('op', image(graph, size), { inChannels: 1, outChannels: 4, kernel: 3, pad: 1 }),
  },
  ConvTranspose: {
    build(graph, size) {
      const x = image(graph, size)
      const weight = graph.weight('weight', [1, 4, 2, 2], 4)
      return graph.add('ConvTranspose', 'op', [x, weight], HALVES)
    },
  },
  Cos: unary('Cos'),
  Div: {
    build: (graph, size) =>
      graph.add('Div', 'op', [vector(graph, size), positive(graph, vector(graph, size, 'y'))]),
  },
  Elu: unary('Elu'),
  Equal: binary('Equal', DATA_TYPE.BOOL),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  Gather: {
    build(graph, size) {
      const rowsOfTable = graph.uniform('table', [...TABLE], 1)
      return graph.add('Gather', 'op', [rowsOfTable, graph.input('x', [1, size], DATA_TYPE.INT64)])
    },
  },
  Gelu: { ...unary('Gelu'), opset: 20 },
  Gemm: {
    build(graph, size) {
      const side = sideOf(size)
      return graph.dense('op', matrix(graph, size), { inFeatures: side, outFeatures: side })
    },
  },
  GlobalAveragePool: window('GlobalAveragePool'),
  Greater: binary('Greater', DATA_TYPE.BOOL),
  GridSample: {
    build(graph, size) {
      const side = sideOf(size)
      const grid = graph.uniform('grid', [1, side, side, 2], 1)
      return graph.add('GridSample', 'op', [image(graph, size), grid])
    },
  },
  HardSigmoid: unary('HardSigmoid'),
  HardSwish: unary('HardSwish'),
  LayerNormalization: {
    build(graph, size) {
      const x = matrix(graph, size)
      const [scale, bias] = [
        graph.uniform('scale', [sideOf(size)], 0.5, 1),
        graph.uniform('bias', [sideOf(size)], 0.1),
      ]
      return graph.add('LayerNormalization', 'op', [x, scale, bias], { axis: -1 })
    },
  },
  LeakyRelu: unary('LeakyRelu'),
  Log: ofPositive('Log'),
  MatMul: {
    build(graph, size) {
      const side = sideOf(size)
      return graph.add('MatMul', 'op', [matrix(graph, size), graph.input('y', [side, side / 2])])
    },
  },
  Max: binary('Max'),
  MaxPool: window('MaxPool', HALVES),
  Min: binary('Min'),
  Mish: { ...unary('Mish'), opset: 18 },
  Mul: binary('Mul'),
  Neg: unary('Neg'),
  PRelu: {
    build: (graph, size) =>
      graph.add('PRelu', 'op', [vector(graph, size), graph.uniform('slope', [size], 0.5)]),
  },
  Pad: {
    build: (graph, size) =>
      graph.add('Pad', 'op', [image(graph, size), graph.integers('pads', [0, 0, 1, 1, 0, 0, 1, 1])]),
  },
  Pow: {
    build: (graph, size) =>
      graph.add('Pow', 'op', [positive(graph, vector(graph, size)), graph.scalar('exponent', 2.5)]),
  },
  Reciprocal: ofPositive('Reciprocal'),
  ReduceMax: rows('ReduceMax', { axes: [-1] }),
  ReduceMean: rows('ReduceMean', { axes: [-1] }),
  ReduceSum: {
    build: (graph, size) => graph.add('ReduceSum', 'op', [matrix(graph, size), graph.integers('axes', [-1])]),
  },
  Relu: unary('Relu'),
  Resize: {
    build(graph, size) {
      const scales = graph.store('scales', [4], Float32Array.of(1, 1, 2, 2))
      return graph.add('Resize', 'op', [image(graph, size), '', scales], { mode: 'linear' })
    },
  },
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
  Where: {
    build(graph, size) {
      const isTaken = graph.input('condition', [1, size], DATA_TYPE.BOOL)
      return graph.add('Where', 'op', [isTaken, vector(graph, size), vector(graph, size, 'y')])
    },
  },
} satisfies Record<string, OperatorModel>

export type OperatorName = keyof typeof OPERATOR_MODELS

export const OPERATOR_NAMES = Object.keys(OPERATOR_MODELS) as [OperatorName, ...OperatorName[]]

/**
 * A model of one operator on a vector of `size` values, on a matrix of the nearest number of values that makes its rows
 * half as many as its columns (4x8, 8x16, 16x32), or on an image with the sides of its columns (8x8, 16x16, 32x32).
 * Functions that only positive numbers have get their input plus 1.5. The same bytes for the same parameters.
 */
export function generateOperator(op: OperatorName, size: number, seed: number): OnnxModel {
  const { build, opset = OPSET, outputType }: OperatorModel = OPERATOR_MODELS[op]
  const graph = new GraphBuilder(seed)
  const output = build(graph, size)
  return graph.build(op, [output], { opset, ...(outputType ? { outputType } : {}) })
}
