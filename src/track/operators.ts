import { z } from 'zod'
import { generateOperator, OPERATOR_NAMES, type OperatorName } from '../model/generate/operators.ts'
import type { TrackContext, TrackDefinition } from './define.ts'
import { combine } from './plan-points.ts'

const params = z.object({
  ops: z
    .array(z.enum(OPERATOR_NAMES))
    .min(1)
    .describe('ONNX operators, one per model')
    .default([...OPERATOR_NAMES])
    .meta({ commas: true }),
  sizes: z
    .array(z.number().int().min(2))
    .min(1)
    .describe('numbers of input values; operators on images get a square image of twice as many')
    .default([32, 128, 512]),
})

type OperatorShape = { op: OperatorName; size: number }

/** Its id is `operators_Softmax_128`. */
export function operatorPoint({ op, size }: OperatorShape, { seed }: Pick<TrackContext, 'seed'>) {
  return {
    id: `operators_${op}_${size}`,
    params: { op, size, seed },
    model: () => generateOperator(op, size, seed),
  }
}

/** One operator per model, at several sizes. */
export const operatorsTrack = {
  name: 'operators',
  params,
  profiles: {
    quick: {
      ops: [
        'Conv',
        'Exp',
        'Gelu',
        'LayerNormalization',
        'MatMul',
        'MaxPool',
        'Mul',
        'ReduceSum',
        'Relu',
        'Sigmoid',
        'Softmax',
        'Sqrt',
      ],
      sizes: [32],
    },
    full: {},
  },
  points: ({ ops, sizes }, context) =>
    combine<OperatorShape>({ op: ops, size: sizes }).map((shape) => operatorPoint(shape, context)),
} satisfies TrackDefinition<typeof params>
