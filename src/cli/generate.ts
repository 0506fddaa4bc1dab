import { existsSync } from 'node:fs'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { findIndexLimits, formatInput, generateInputs } from '../model/input.ts'
import { generateCnn, generateLenet } from '../model/generate/cnn.ts'
import { ACTIVATIONS } from '../model/generate/networks.ts'
import { OPERATOR_NAMES } from '../model/generate/operators.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { fixInputs } from '../model/ports.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { holdsBytes, writeModel } from '../model/write.ts'
import { architectureParams, cnnPoint } from '../track/cnn.ts'
import { formSchema, mlpPoint, resnetPoint, transformerPoint } from '../track/networks.ts'
import { operatorPoint } from '../track/operators.ts'
import { COMMON, defineCommand, type CommandGroup, type Loader } from './command.ts'

const count = (description: string) => z.number().int().min(1).describe(description)
const input_hw = count('side of the square input, pixels')
const seed = z.number().int().min(0).describe('seed of the weights and of the input').default(42)

const lenetParams = z.object({ seed })
const depthParams = z.object({
  depth: count('convolution blocks').default(1),
  input_hw: input_hw.default(56),
  ...architectureParams,
  seed,
})
const breadthParams = z.object({
  arch_depth: count('convolution blocks').default(5),
  input_hw: input_hw.default(28),
  ...architectureParams,
  seed,
})

const operatorParams = z.object({
  op: z.enum(OPERATOR_NAMES).describe('ONNX operator').default('Softmax'),
  size: count('values of the input').default(32),
  seed,
})
const mlpParams = z.object({
  layers: count('hidden layers').default(2),
  width: count('width of the input and of every hidden layer').default(64),
  activation: z.enum(ACTIVATIONS).describe('activation of the hidden layers').default('relu'),
  seed,
})
const resnetParams = z.object({
  blocks: count('residual blocks').default(3),
  channels: count('channels of the first stage').default(16),
  input_hw: input_hw.default(32),
  seed,
})
const transformerParams = z.object({
  layers: count('layers').default(1),
  heads: count('attention heads').default(2),
  d_model: count('width, a multiple of the heads').default(16),
  seq_len: count('tokens').default(8),
  vocab: count('words').default(32),
  form: formSchema,
  seed,
})

const files = {
  output: COMMON.output.describe('ONNX file to write; default: the id of the point').optional(),
  input: z.string().optional().describe('JSON file for a random input'),
  force: COMMON.force.describe('replace an existing input file'),
}

type FileOptions = z.output<z.ZodObject<typeof files>>

interface Made {
  id: string
  model: OnnxModel
  seed: number
}

function makeCommand<Schema extends z.ZodObject>(
  description: string,
  params: Schema,
  make: (params: z.output<Schema>) => Made,
): Loader {
  return async () =>
    defineCommand({
      description,
      options: params.extend(files),
      run: ({ options }) => writeFiles(make(options as z.output<Schema>), options as FileOptions),
    })
}

const generate: CommandGroup = {
  description: 'Writes a model of a track, and an input for it: same seed, same bytes',
  commands: {
    lenet: makeCommand('LeNet for 3x32x32 images', lenetParams, (params) => ({
      ...params,
      id: 'lenet',
      model: generateLenet(params),
    })),
    depth: makeCommand('a model of the depth track', depthParams, (params) => ({
      seed: params.seed,
      id: cnnPoint('depth', params, params).id,
      model: generateCnn(params),
    })),
    breadth: makeCommand('a model of the breadth track', breadthParams, ({ arch_depth, ...rest }) => {
      const params = { ...rest, depth: arch_depth }
      const { id } = cnnPoint(`breadth_h${params.input_hw}`, params, params)
      return { seed: params.seed, id, model: generateCnn(params) }
    }),
    operators: makeCommand('a model of the operators track', operatorParams, (params) =>
      makePoint(params, operatorPoint),
    ),
    mlp: makeCommand('a model of the mlp track', mlpParams, (params) => makePoint(params, mlpPoint)),
    resnet: makeCommand('a model of the resnet track', resnetParams, (params) =>
      makePoint(params, resnetPoint),
    ),
    transformer: makeCommand('a model of the transformer track', transformerParams, (params) =>
      makePoint(params, transformerPoint),
    ),
  },
}
export default generate

function makePoint<Shape>(
  { seed: own, ...shape }: Shape & { seed: number },
  pointOf: (
    shape: Omit<Shape & { seed: number }, 'seed'>,
    context: { seed: number },
  ) => {
    id: string
    model: () => OnnxModel
  },
): Made {
  const { id, model } = pointOf(shape, { seed: own })
  return { seed: own, id, model: model() }
}

function writeFiles({ id, model, seed: ownSeed }: Made, { output, input, force }: FileOptions): void {
  const indexLimits = findIndexLimits(model)
  const inputs = generateInputs(fixInputs(model), { seed: ownSeed, indexLimits })
  const text = formatInput(inputs)
  if (input !== undefined && !force) refuseOther(input, text)
  const { path, sha256, param_count } = writeModel(output ?? `${id}.onnx`, model)
  console.log(`${path}: ${id}, ${param_count.toLocaleString('en')} parameters, sha256 ${sha256}`)
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
