import { readInt, readInts, readText } from './graphs.ts'
import { sizeOf } from './ports.ts'
import {
  constantOfNode,
  fromFront,
  type NodeShapes,
  type Shape,
  slicedRange,
  slide,
  spread,
} from './node-shapes.ts'

/** The shapes of a node's outputs, as far as they are known. */
type Rule = (at: NodeShapes) => readonly (Shape | undefined)[] | undefined

const first: Rule = (at) => [at.shape(0)]

const broadcast: Rule = (at) => {
  const shapes = at.shapes()
  return shapes && [broadcastAll(shapes)]
}

/** A rule for operators with one output that need the shape of their first operand. */
function from(rule: (x: Shape, at: NodeShapes) => Shape | undefined): Rule {
  return (at) => {
    const x = at.shape(0)
    return x && [rule(x, at)]
  }
}

/** The same, if they need that of the second operand, too. */
function fromTwo(rule: (x: Shape, w: Shape, at: NodeShapes) => Shape | undefined): Rule {
  return from((x, at) => {
    const w = at.shape(1)
    return w && rule(x, w, at)
  })
}

/** The same, if they need the values of the second operand. */
function fromValues(rule: (x: Shape, values: readonly number[], at: NodeShapes) => Shape | undefined): Rule {
  return from((x, at) => {
    const constant = at.constant(1)
    return constant && rule(x, constant.values, at)
  })
}

/** The second output of a MaxPool holds the positions of the largest values. */
const pool: Rule = (at) => {
  const x = at.shape(0)
  const kernel = readInts(at.node, 'kernel_shape', [])
  const shape = x && [...x.slice(0, 2), ...slide(at.node, x.slice(2), kernel)]
  return [shape, shape]
}

const reduce = from((x, at) => {
  const axes = at.ints(1, 'axes')
  if (axes === undefined) return undefined
  if (!axes?.length && readInt(at.node, 'noop_with_empty_axes', 0) !== 0) return x
  return collapse(x, axes?.length ? axes.map((axis) => fromFront(axis, x.length)) : [...x.keys()], at)
})

/** Sides without those of some axes, or with 1 for them. */
function collapse(x: Shape, axes: readonly number[], { node }: NodeShapes): Shape {
  const left = readInt(node, 'keepdims', 1) !== 0 ? [1] : []
  return x.flatMap((side, axis) => (axes.includes(axis) ? left : [side]))
}

const pick = from((x, at) => collapse(x, [at.axis(x.length, 0)], at))

/** One number, or one for each label; the second output holds the log probabilities. */
const loss: Rule = (at) => [readText(at.node, 'reduction', 'mean') === 'none' ? at.shape(1) : [], at.shape(0)]

/** Sequence x batch x input; all outputs of a recurrent cell. */
const recurrent: Rule = (at) => {
  const [x, r] = [at.shape(0), at.shape(2)]
  if (!x || !r || readInt(at.node, 'layout', 0) !== 0) return undefined
  const state = [r[0]!, x[1]!, r[2]!]
  return [[x[0]!, ...state], state, state]
}

const named = (names: string, rule: Rule) => names.split(' ').map((name) => [name, rule] as const)

/** The shape of each operator's outputs, from the shapes of its operands and the constants among them. */
export const SHAPE_RULES: ReadonlyMap<string, Rule> = new Map([
  ...named(
    'Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh CumProd CumSum DequantizeLinear Elu Erf Exp EyeLike Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax Identity InstanceNormalization IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg Not PRelu QuantizeLinear RMSNormalization Reciprocal Relu ReverseSequence Round Scatter ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu',
    first,
  ),
  ...named(
    'Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow Sub Sum Where Xor',
    broadcast,
  ),
  ...named('AveragePool LpPool MaxPool', pool),
  ...named(
    'GlobalAveragePool GlobalLpPool GlobalMaxPool',
    from((x) => [...x.slice(0, 2), ...x.slice(2).map(() => 1)]),
  ),
  ...named(
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    reduce,
  ),
  ...named('ArgMax ArgMin', pick),
  ...named('GRU LSTM RNN', recurrent),
  ...named('NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss', loss),
  ...Object.entries<Rule>({
    LayerNormalization: (at) => {
      const x = at.shape(0)
      const axis = x && at.axis(x.length, -1)
      const statistic = x?.map((side, index) => (index < axis! ? side : 1))
      return [x, statistic, statistic]
    },
    Dropout: (at) => [at.shape(0), at.shape(0)],
    Constant: ({ node }) => [
      constantOfNode(node)?.dims ?? node.attribute.find(({ name }) => name === 'value')?.t?.dims,
    ],
    ConstantOfShape: (at) => [at.constant(0)?.values],
    Shape: from((x, { node }) => [x.slice(readInt(node, 'start', 0), readInt(node, 'end', x.length)).length]),
    Size: from(() => []),
    Range: (at) => {
      const [start, limit, step] = at.constants()?.map(({ values }) => values[0]!) ?? []
      return step === undefined ? undefined : [[Math.max(0, Math.ceil((limit! - start!) / step))]]
    },
    Conv: fromTwo((x, w, { node }) =>
      x.length === w.length ? [x[0]!, w[0]!, ...slide(node, x.slice(2), w.slice(2))] : undefined,
    ),
    ConvTranspose: fromTwo((x, w, { node }) => {
      if (x.length !== w.length) return undefined
      return [x[0]!, w[1]! * readInt(node, 'group', 1), ...spread(node, x.slice(2), w.slice(2))]
    }),
    Gemm: fromTwo((x, w, { node }) => [
      x[readInt(node, 'transA', 0) ? 1 : 0]!,
      w[readInt(node, 'transB', 0) ? 0 : 1]!,
    ]),
    MatMul: fromTwo(multiply),
    Flatten: from((x, at) => {
      const axis = at.axis(x.length, 1)
      return [sizeOf(x.slice(0, axis)), sizeOf(x.slice(axis))]
    }),
    Reshape: from((x, at) => {
      const target = at.ints(1, 'shape')
      if (!target) return undefined
      const keepsZero = readInt(at.node, 'allowzero', 0) !== 0
      const sides = target.map((side, axis) => (side === 0 && !keepsZero ? x[axis]! : side))
      const rest = sizeOf(x) / sizeOf(sides.filter((side) => side !== -1))
      return sides.map((side) => (side === -1 ? rest : side))
    }),
    Transpose: from((x, { node }) =>
      readInts(node, 'perm', [...x.keys()].toReversed()).map((axis) => x[axis]!),
    ),
    Concat: (at) => {
      const shapes = at.shapes()
      if (!shapes?.length) return undefined
      const axis = at.axis(shapes[0]!.length, 0)
      const total = shapes.reduce((sum, shape) => sum + shape[axis]!, 0)
      return [shapes[0]!.with(axis, total)]
    },
    Split: (at) => {
      const [x, parts] = [at.shape(0), at.ints(1, 'split')]
      if (!x || parts === undefined) return undefined
      const axis = at.axis(x.length, 0)
      const each = Math.ceil(x[axis]! / at.node.output.length)
      return at.node.output.map((_, index) =>
        x.with(axis, parts?.[index] ?? Math.min(each, x[axis]! - index * each)),
      )
    },
    Slice: from(sliceShape),
    Squeeze: from((x, at) => {
      const axes = at.ints(1, 'axes')
      if (axes === undefined) return undefined
      const dropped = axes?.map((axis) => fromFront(axis, x.length))
      return x.filter((side, axis) => (dropped ? !dropped.includes(axis) : side !== 1))
    }),
    Unsqueeze: from((x, at) => {
      const axes = at.ints(1, 'axes')
      if (!axes) return undefined
      const rank = x.length + axes.length
      const added = new Set(axes.map((axis) => fromFront(axis, rank)))
      const left = [...x]
      return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : left.shift()!))
    }),
    Expand: fromValues((x, target) => broadcastAll([x, target])),
    Tile: fromValues((x, repeats) => x.map((side, axis) => side * repeats[axis]!)),
    Pad: from((x, at) => {
      const pads = at.ints(1, 'pads')
      if (!pads || at.has(3)) return undefined
      return x.map((side, axis) => side + pads[axis]! + pads[axis + x.length]!)
    }),
    Gather: fromTwo((x, indices, at) => x.toSpliced(at.axis(x.length, 0), 1, ...indices)),
    GatherElements: (at) => [at.shape(1)],
    GatherND: fromTwo((x, indices, { node }) => {
      if (!indices.length) return undefined
      return [...indices.slice(0, -1), ...x.slice(readInt(node, 'batch_dims', 0) + indices.at(-1)!)]
    }),
    GridSample: fromTwo((x, grid) => [...x.slice(0, 2), ...grid.slice(1, -1)]),
    OneHot: fromValues((x, [depth = NaN], at) => x.toSpliced(at.axis(x.length + 1, -1), 0, depth)),
    TopK: (at) => {
      const [x, k] = [at.shape(0), at.has(1) ? at.constant(1)?.values[0] : readInt(at.node, 'k', 0)]
      const shape = x && k !== undefined ? x.with(at.axis(x.length, -1), k) : undefined
      return [shape, shape]
    },
    Resize: from((x, at) => {
      const [scales, sizes] = [at.constant(2)?.values, at.constant(3)?.values]
      if (at.node.attribute.some(({ name }) => name === 'axes' || name === 'keep_aspect_ratio_policy'))
        return undefined
      return sizes ?? (scales?.length ? scale(x, scales) : undefined)
    }),
    Upsample: fromValues(scale),
    CenterCropPad: fromValues((x, target, { node }) => {
      const axes = readInts(node, 'axes', [...x.keys()]).map((axis) => fromFront(axis, x.length))
      return x.map((side, axis) => target[axes.indexOf(axis)] ?? side)
    }),
    DepthToSpace: from(([n, c, ...sides], { node }) => {
      const block = readInt(node, 'blocksize', 1)
      return [n!, c! / block ** 2, ...sides.map((side) => side * block)]
    }),
    SpaceToDepth: from(([n, c, ...sides], { node }) => {
      const block = readInt(node, 'blocksize', 1)
      return [n!, c! * block ** 2, ...sides.map((side) => side / block)]
    }),
    Einsum: (at) => {
      const [operands = '', result] = readText(at.node, 'equation', '').replaceAll(' ', '').split('->')
      const shapes = at.shapes()
      if (result === undefined || result.includes('.') || !shapes) return undefined
      const side = new Map(
        operands
          .split(',')
          .flatMap((letters, index) => [...letters].map((one, axis) => [one, shapes[index]?.[axis]])),
      )
      return [[...result].map((letter) => side.get(letter) ?? NaN)]
    },
  }),
])

function broadcastAll(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map(({ length }) => length))
  return Array.from({ length: rank }, (_, axis) => {
    const given = new Set(shapes.map((shape) => shape[axis - rank + shape.length] ?? 1))
    given.delete(1)
    return given.size > 1 ? NaN : ([...given][0] ?? 1)
  })
}

function scale(x: Shape, scales: readonly number[]): Shape {
  return x.map((side, axis) => Math.floor(side * scales[axis]!))
}

/** Like numpy.matmul: a vector gets a side of 1, which is removed from the product. */
function multiply(a: Shape, b: Shape): Shape | undefined {
  if (!a.length || !b.length) return undefined
  const batch = broadcastAll([a.slice(0, -2), b.slice(0, -2)])
  return [...batch, ...a.slice(-2, -1), ...(b.length > 1 ? b.slice(-1) : [])]
}

function sliceShape(x: Shape, at: NodeShapes): Shape | undefined {
  const [starts, ends] = [at.ints(1, 'starts'), at.ints(2, 'ends')]
  const [axes, steps] = [at.ints(3, 'axes'), at.ints(4, 'steps')]
  if (!starts || !ends || axes === undefined || steps === undefined) return undefined
  const sides = [...x]
  for (const [index, start] of starts.entries()) {
    const axis = fromFront(axes?.[index] ?? index, x.length)
    sides[axis] = slicedRange(x[axis]!, start, ends[index]!, steps?.[index] ?? 1).count
  }
  return sides
}
