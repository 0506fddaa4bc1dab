import { join } from 'node:path'
import { digestFile } from '../file-digest.ts'
import { digestModel } from '../model/digest.ts'
import { readHeaders } from '../model/file.ts'
import { generateInputs, readInput, writeInput } from '../model/input.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { fixInputs, type Port } from '../model/ports.ts'
import { describeModel } from '../model/summary.ts'
import { makeWhole } from '../model/whole.ts'
import { writeCopy, writeModel } from '../model/write.ts'
import { fileNameOf } from './file-name.ts'
import type { PointPlan } from './job.ts'
import type { Point } from './point.ts'

/** The files that a point starts from, with what every row of the point says of its model. */
export interface Materials {
  model: string
  /** What provers are given: the model itself, or a copy that is one file with a fixed batch. */
  whole: string
  input: string
  model_sha256: string
  input_sha256: string
  param_count: number
  /** The model without the payloads of its tensors. */
  headers: OnnxModel
}

/**
 * Writes the model and the input of a point where they are not files already.
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED or INPUT_INVALID
 */
export async function prepareMaterials(point: Point, plan: PointPlan): Promise<Materials> {
  const model = placeModel(point, plan.options.onnx_dir)
  const headers = readHeaders(model)
  const ports = fixInputs(headers.model, model)
  const input = placeInput(point, plan, ports)
  return {
    model,
    whole: placeWhole(point, plan.options.onnx_dir, model, headers.model),
    input,
    input_sha256: await digestFile(input),
    param_count: describeModel(headers.model).param_count,
    model_sha256: await digestModel(model, headers.model),
    headers: headers.model,
  }
}

function placeModel({ id, model }: Point, folder: string): string {
  if (typeof model === 'string') return model
  return writeModel(join(folder, `${fileNameOf(id)}.onnx`), typeof model === 'function' ? model() : model)
    .path
}

function placeWhole({ id }: Point, folder: string, path: string, headers: OnnxModel): string {
  const whole = makeWhole(path, headers)
  return whole ? writeCopy(join(folder, `${fileNameOf(id)}_whole.onnx`), whole) : path
}

function placeInput(
  { id, input }: Point,
  { options: { inputs_dir, seed, input_values: distribution } }: PointPlan,
  ports: readonly Port[],
): string {
  if (typeof input === 'string') {
    readInput(input, ports)
    return input
  }
  const path = join(inputs_dir, `${fileNameOf(id)}_input.json`)
  writeInput(path, input ?? generateInputs(ports, { seed, distribution }))
  if (input) readInput(path, ports)
  return path
}
