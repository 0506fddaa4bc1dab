import { existsSync } from 'node:fs'
import { defineCommand, type ArgsDef, type CommandDef } from 'citty'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { formatInput, generateInputs } from '../model/input.ts'
import { generateCnn } from '../model/cnn.ts'
import { generateLenet } from '../model/lenet.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { fixInputs } from '../model/ports.ts'
import { holdsBytes, writeModel, writeWhole } from '../model/write.ts'
import { architectureParams, cnnPoint } from '../track/architecture.ts'
import { flagsOf, readFlags } from './flags.ts'

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

const files = {
  output: { type: 'string', alias: 'o', description: 'ONNX file to write (default: the id of the point)' },
  input: { type: 'string', description: 'JSON file for a random input in [-1, 1)' },
  force: { type: 'boolean', description: 'replace an input file that is there' },
} as const satisfies ArgsDef

interface Made {
  id: string
  model: OnnxModel
  seed: number
}

function makeCommand<Schema extends z.ZodObject>(
  name: string,
  description: string,
  schema: Schema,
  make: (params: z.output<Schema>) => Made,
): CommandDef<any> {
  return defineCommand({
    meta: { name, description },
    args: { ...flagsOf(schema), ...files },
    run: ({ args }) => writeFiles(make(readFlags(schema, args)), args),
  })
}

export default defineCommand({
  meta: {
    name: 'generate',
    description: 'Writes a model of a track, and an input for it: same seed, same bytes',
  },
  subCommands: {
    lenet: makeCommand('lenet', 'LeNet for 3x32x32 images', lenetParams, (params) => ({
      ...params,
      id: 'lenet',
      model: generateLenet(params),
    })),
    depth: makeCommand('depth', 'a model of the depth track', depthParams, (params) => ({
      seed: params.seed,
      id: cnnPoint('depth', params, params).id,
      model: generateCnn(params),
    })),
    breadth: makeCommand(
      'breadth',
      'a model of the breadth track',
      breadthParams,
      ({ arch_depth, ...rest }) => {
        const params = { ...rest, depth: arch_depth }
        const { id } = cnnPoint(`breadth_h${params.input_hw}`, params, params)
        return { seed: params.seed, id, model: generateCnn(params) }
      },
    ),
  },
})

function writeFiles(
  { id, model, seed: ownSeed }: Made,
  { output, input, force }: Record<string, unknown>,
): void {
  const inputs = generateInputs(fixInputs(model), { seed: ownSeed })
  const text = formatInput(inputs)
  if (typeof input === 'string' && force !== true) refuseOther(input, text)
  const { path, sha256, param_count } = writeModel(typeof output === 'string' ? output : `${id}.onnx`, model)
  console.log(`${path}: ${id}, ${param_count.toLocaleString('en')} parameters, sha256 ${sha256}`)
  if (typeof input !== 'string') return
  writeWhole(input, text)
  const shapes = inputs.map(({ shape }) => shape.join('x'))
  console.log(`${input}: ${shapes.join(', ')} values in [-1, 1)`)
}

function refuseOther(path: string, text: string): void {
  if (!existsSync(path) || holdsBytes(path, Buffer.from(text))) return
  throw new ProvemarkError('FILE_EXISTS', `${path} is there already and holds something else`, {
    hint: 'give another path, or --force to replace it',
  })
}
