import { createHash } from 'node:crypto'
import { copyFile, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { ProvemarkError, type ErrorCode } from '../errors.ts'
import { digestFile } from '../lib/files.ts'
import { decodeHeaders, digestModel, readHeaders } from '../model/file.ts'
import { isNumeric } from '../model/element-type.ts'
import { findIndexLimits, formatInput, generateInputs, writeInput } from '../model/input.ts'
import { readInput, splitValues } from '../model/read-input.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { fixInputs, listInputs, type Port, type PortValues } from '../model/ports.ts'
import { applySides, planSides } from '../model/sides.ts'
import { describeModel } from '../model/summary.ts'
import { makeWhole, writeCopy, writeModel } from '../model/write.ts'
import type { Files, Prover, Settings } from '../prover/contract.ts'
import type { Point, PointPlan } from './point.ts'

/** The files that a point starts from, and what every row of the point says about them. */
export interface PointFiles {
  /**
   * `model`, the file given to provers: the ONNX model itself, or a copy that is a single file with fixed sides; or
   * `workload`, any other file; and `input`. Each only if the point has it.
   */
  files: Files
  /** Path of the model or of the other file. */
  model: string | null
  model_sha256: string | null
  input_sha256: string | null
  param_count: number | null
  /** The values of the input, one list for each of the model's; absent if numbers cannot represent them. */
  values?: readonly PortValues[] | undefined
  /** The model without the payloads of its tensors, its open sides fixed; absent without an ONNX model. */
  headers?: OnnxModel
}

/**
 * Writes the model and the input of a point unless they are already files.
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED or INPUT_INVALID
 */
export async function preparePointFiles(point: Point, plan: PointPlan): Promise<PointFiles> {
  const { model } = point
  return model === undefined ? prepareOtherFiles(point, plan) : prepareModelFiles({ ...point, model }, plan)
}

/** Nothing is known about a file that is not an ONNX model except its bytes. */
async function prepareOtherFiles({ id, workload, input }: Point, plan: PointPlan): Promise<PointFiles> {
  const path = input === undefined || typeof input === 'string' ? input : inputPath(id, plan)
  if (Array.isArray(input)) writeInput(path!, input)
  return {
    files: { ...(workload ? { workload } : {}), ...(path ? { input: path } : {}) },
    model: workload ?? null,
    model_sha256: workload ? await digestGiven(workload, 'workload', 'MODEL_UNREADABLE') : null,
    input_sha256: path ? await digestGiven(path, 'input', 'INPUT_INVALID') : null,
    param_count: null,
  }
}

async function digestGiven(path: string, what: string, code: ErrorCode): Promise<string> {
  return digestFile(path).catch((cause: unknown) => {
    throw new ProvemarkError(code, `the ${what} ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'check the path with ls',
    })
  })
}

type ModelPoint = Point & Required<Pick<Point, 'model'>>

async function prepareModelFiles(point: ModelPoint, plan: PointPlan): Promise<PointFiles> {
  const { id, dims } = point
  const folder = plan.options.onnx_dir
  const model = placeModel(point, folder)
  const { model: given } = readHeaders(model)
  const { input, values } = placeInput(point, plan, fixInputs(given, model, dims), given)
  const copy = makeWhole(model, given, dims)
  const whole = copy ? writeCopy(join(folder, `${fileNameOf(id)}_whole.onnx`), copy) : model
  const headers = copy ? decodeHeaders(copy, whole) : given
  applySides(headers, planSides(listInputs(headers), dims))
  return {
    files: { model: whole, input },
    model,
    input_sha256: await digestFile(input),
    param_count: describeModel(headers).param_count,
    model_sha256: await digestModel(model, given),
    values,
    headers,
  }
}

/** What is wrong with the files that the user gave for a point. */
export function findFault({ model, input, dims }: Point): ProvemarkError | undefined {
  if (typeof model !== 'string') return undefined
  try {
    const ports = fixInputs(readHeaders(model).model, model, dims)
    if (typeof input === 'string' && areNumeric(ports)) readInput(input, ports)
  } catch (error) {
    if (error instanceof ProvemarkError) return error
    throw error
  }
  return undefined
}

function placeModel({ id, model }: ModelPoint, folder: string): string {
  if (typeof model === 'string') return model
  return writeModel(join(folder, `${fileNameOf(id)}.onnx`), typeof model === 'function' ? model() : model)
    .path
}

function placeInput(
  { id, input, dims }: Point,
  plan: PointPlan,
  ports: readonly Port[],
  model: OnnxModel,
): { input: string; values?: PortValues[] } {
  if (typeof input === 'string') {
    // A file with strings or complex numbers is passed on unchanged.
    return areNumeric(ports) ? { input, values: readInput(input, ports) } : { input }
  }
  const { seed, input_values: distribution } = plan.options
  const path = inputPath(id, plan)
  const values = input
    ? splitValues(input, ports, path)
    : generateInputs(ports, { seed, distribution, indexLimits: findIndexLimits(model, dims) })
  writeInput(path, values)
  return { input: path, values }
}

/** Another input of the same model; the first draw is the point's own unless the user gave one. */
export function drawInput({ headers }: PointFiles, { options }: PointPlan, draw: number): PortValues[] {
  const { seed, input_values: distribution } = options
  const indexLimits = findIndexLimits(headers!)
  return generateInputs(fixInputs(headers!), { seed, distribution, indexLimits, draw })
}

function inputPath(id: string, { options }: PointPlan): string {
  return join(options.inputs_dir, `${fileNameOf(id)}_input.json`)
}

const areNumeric = (ports: readonly Port[]) => ports.every(({ type }) => isNumeric(type))

/**
 * Copies the input into the iteration's folder, in the form that the prover reads. Every prover gets the same values,
 * whatever the form of the user's file, and the user's folder stays unchanged although some provers write next to their
 * input. Without an ONNX model nothing is known about the values, and the file is copied as it is. Returns the copy;
 * empty if the point has no input.
 * @throws ProvemarkError INPUT_INVALID for strings, if the prover has a form of its own
 */
export async function copyInput(
  { name: prover, input: format }: Prover,
  { files: { model, input }, values }: PointFiles,
  settings: Settings,
  dir: string,
): Promise<Files> {
  if (input === undefined) return {}
  if (!values) {
    if (format && model !== undefined) {
      throw new ProvemarkError('INPUT_INVALID', `input file ${input}: ${prover} reads only numbers`, {
        hint: 'give a model whose inputs are numbers, or use another prover',
      })
    }
    const copy = join(dir, basename(input))
    await copyFile(input, copy)
    return { input: copy }
  }
  const path = join(dir, format?.file ?? `${basename(input, extname(input))}.json`)
  await writeFile(path, format ? format.encode(values, settings) : formatInput(values))
  return { input: path }
}

/** A name that every file system distinguishes from all others: lower case, not hidden, no leading dash, short. */
const PLAIN = /^[a-z\d_][a-z\d_.-]{0,63}(?<!\.)$/
/** Names of devices on Windows, whatever follows the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i
const DIGESTED = /-[\da-f]{8}$/

/**
 * A file name for a text such as the id of a point: the text itself if it is plain, otherwise its safe characters and
 * a digest, so that two texts never share a name and none points outside of its folder. Many file systems do not tell
 * upper case from lower case.
 */
export function fileNameOf(text: string): string {
  if (PLAIN.test(text) && !DEVICE.test(text) && !DIGESTED.test(text)) return text
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const start = text.replaceAll(/[^\w.-]/g, '_').slice(0, 60)
  return `${/^[a-z\d]/i.test(start) && !DEVICE.test(start) ? '' : '_'}${start}-${digest}`
}
