import { existsSync } from 'node:fs'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { findIndexLimits, formatInput, generateInputs } from '../model/input.ts'
import { generateLenet } from '../model/generate/cnn.ts'
import { ACTIVATIONS } from '../model/generate/networks.ts'
import { OPERATOR_NAMES } from '../model/generate/operators.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { fixInputs } from '../model/ports.ts'
import { holdsBytes, writeModel } from '../model/write.ts'
import { architectureParams, cnnPoint } from '../track/cnn.ts'
import { formSchema, mlpPoint, resnetPoint, transformerPoint } from '../track/networks.ts'
import { operatorPoint } from '../track/operators.ts'
import { COMMON, defineCommand, type CommandGroup, type Loader } from './command.ts'
import { countOf } from '../lib/names.ts'

const count = (description: string) => z.int().min(1).describe(description)
const input_hw = count('side of the square input, pixels')

const depthParams = z.object({
  depth: count('convolution blocks').default(1),
  input_hw: input_hw.default(56),
  ...architectureParams,
})
const breadthParams = z.object({
  arch_depth: count('convolution blocks').default(5),
  input_hw: input_hw.default(28),
  ...architectureParams,
})

const operatorParams = z.object({
  op: z.enum(OPERATOR_NAMES).describe('ONNX operator').default('Softmax'),
  size: count('values of the input').default(32),
})
const mlpParams = z.object({
  layers: count('hidden layers').default(2),
  width: count('width of the input and of every hidden layer').default(64),
  activation: z.enum(ACTIVATIONS).describe('activation of the hidden layers').default('relu'),
})
const resnetParams = z.object({
  blocks: count('residual blocks').default(3),
  channels: count('channels of the first stage').default(16),
  input_hw: input_hw.default(32),
})
const transformerParams = z.object({
  layers: count('layers').default(1),
  heads: count('attention heads').default(2),
  d_model: count('width, a multiple of the heads').default(16),
  seq_len: count('tokens').default(8),
  vocab: count('vocabulary size').default(32),
  form: formSchema,
})

const common = {
  seed: z.int().min(0).describe('seed of the weights and of the input').default(42),
  output: COMMON.output.describe('ONNX file to write; default: named after the point').optional(),
  input: z.string().optional().describe('JSON file for a random input'),
  force: COMMON.force.describe('replace an existing input file'),
}

type CommonOptions = z.output<z.ZodObject<typeof common>>

function makeCommand<Schema extends z.ZodObject>(
  description: string,
  params: Schema,
  pointOf: (shape: z.output<Schema>, context: { seed: number }) => { id: string; model: () => OnnxModel },
): Loader {
  return async () =>
    defineCommand({
      description,
      options: params.extend(common),
      run({ options }) {
        const { seed, output, input, force, ...shape } = options as CommonOptions
        const { id, model } = pointOf(shape as z.output<Schema>, { seed })
        writeFiles(id, model(), { seed, output, input, force })
      },
    })
}

const generate: CommandGroup = {
  description: 'Writes a model of a track, and an input for it: same seed, same bytes',
  commands: {
    lenet: makeCommand('LeNet for 3x32x32 images', z.object({}), (_, { seed }) => ({
      id: 'lenet',
      model: () => generateLenet({ seed }),
    })),
    depth: makeCommand('A model of the depth track', depthParams, (shape, context) =>
      cnnPoint('depth', shape, context),
    ),
    breadth: makeCommand('A model of the breadth track', breadthParams, ({ arch_depth, ...shape }, context) =>
      cnnPoint(`breadth_h${shape.input_hw}`, { ...shape, depth: arch_depth }, context),
    ),
    operators: makeCommand('A model of the operators track', operatorParams, operatorPoint),
    mlp: makeCommand('A model of the mlp track', mlpParams, mlpPoint),
    resnet: makeCommand('A model of the resnet track', resnetParams, resnetPoint),
    transformer: makeCommand('A model of the transformer track', transformerParams, transformerPoint),
  },
}
export default generate

function writeFiles(id: string, model: OnnxModel, { seed, output, input, force }: CommonOptions): void {
  const indexLimits = findIndexLimits(model)
  const inputs = generateInputs(fixInputs(model), { seed, indexLimits })
  const text = formatInput(inputs)
  if (input !== undefined && !force) refuseOther(input, text)
  const { path, sha256, param_count } = writeModel(output ?? `${id}.onnx`, model)
  console.log(
    `${path}: ${id}, ${countOf(param_count, 'parameter', param_count.toLocaleString('en'))}, sha256 ${sha256}`,
  )
  if (input === undefined) return
  writeWhole(input, text)
  const shapes = inputs.map(({ shape }) => shape.join('x'))
  const ranges = inputs.map(({ name, type }) =>
    type === 'int64' ? `integers from 0 to ${(indexLimits.get(name) ?? 2) - 1}` : 'values in [-1, 1)',
  )
  console.log(`${input}: ${shapes.map((shape, i) => `${shape} ${ranges[i]}`).join(', ')}`)
}

function refuseOther(path: string, text: string): void {
  if (!existsSync(path) || holdsBytes(path, Buffer.from(text))) return
  throw new ProvemarkError('FILE_EXISTS', `${path} already exists with other contents`, {
    hint: 'choose another path, or replace it with --force',
  })
}
