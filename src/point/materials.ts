import { join } from 'node:path'
import { digestFile } from '../file-digest.ts'
import { digestModel } from '../model/digest.ts'
import { readHeaders } from '../model/file.ts'
import { isNumeric } from '../model/element-type.ts'
import { findIndexLimits } from '../model/index-limits.ts'
import { generateInputs, readInput, splitValues, writeInput } from '../model/input.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { fixInputs, listInputs, type Port } from '../model/ports.ts'
import { applySides, planSides } from '../model/sides.ts'
import { describeModel } from '../model/summary.ts'
import { makeWhole } from '../model/whole.ts'
import { writeCopy, writeModel } from '../model/write.ts'
import { fileNameOf } from './file-name.ts'
import type { PointPlan } from './job.ts'
import type { Point } from './point.ts'

/** The files that a point starts from, with what every row of the point says of its model. */
export interface Materials {
  model: string
  /** What provers are given: the model itself, or a copy that is one file with fixed sides. */
  whole: string
  input: string
  model_sha256: string
  input_sha256: string
  param_count: number
  /** The model without the payloads of its tensors, its open sides fixed. */
  headers: OnnxModel
}

/**
 * Writes the model and the input of a point where they are not files already.
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED or INPUT_INVALID
 */
export async function prepareMaterials(point: Point, plan: PointPlan): Promise<Materials> {
  const model = placeModel(point, plan.options.onnx_dir)
  const headers = readHeaders(model)
  const ports = fixInputs(headers.model, model, point.dims)
  const input = placeInput(point, plan, ports, headers.model)
  const whole = placeWhole(point, plan.options.onnx_dir, model, headers.model)
  applySides(headers.model, planSides(listInputs(headers.model), point.dims))
  return {
    model,
    whole,
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

function placeWhole({ id, dims }: Point, folder: string, path: string, headers: OnnxModel): string {
  const whole = makeWhole(path, headers, dims)
  return whole ? writeCopy(join(folder, `${fileNameOf(id)}_whole.onnx`), whole) : path
}

function placeInput(
  { id, input }: Point,
  { options: { inputs_dir, seed, input_values: distribution } }: PointPlan,
  ports: readonly Port[],
  model: OnnxModel,
): string {
  if (typeof input === 'string') {
    // A file of strings or complex numbers is handed on as it is.
    if (ports.every(({ type }) => isNumeric(type))) readInput(input, ports)
    return input
  }
  const path = join(inputs_dir, `${fileNameOf(id)}_input.json`)
  const indexLimits = findIndexLimits(model)
  writeInput(
    path,
    input ? splitValues(input, ports, path) : generateInputs(ports, { seed, distribution, indexLimits }),
  )
  return path
}
