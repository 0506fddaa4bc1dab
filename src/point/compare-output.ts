import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatError } from '../errors.ts'
import { readModel } from '../model/file.ts'
import { formatInput } from '../model/input.ts'
import type { OnnxModel } from '../model/onnx.ts'
import type { PortValues } from '../model/ports.ts'
import { printableName } from '../lib/text.ts'
import { phasesOf, type Files } from '../prover/contract.ts'
import { reference } from '../reference/reference.ts'
import type { RunOutput } from '../reference/run-model.ts'
import { formatShare, isComparable } from '../row/proved.ts'
import { PHASES, type Row } from '../row/schema.ts'
import { pathsOfWrites } from './artifacts.ts'
import { runPhaseProcess, type PhaseProcess } from './phase-process.ts'
import { copyInput, drawInput, type PointFiles } from './point-files.ts'
import type { PointJob } from './point.ts'

export interface OutputComparison {
  /** Largest difference between the proved output and the float model. */
  maxAbsError?: number
  /** Where it occurs. */
  worst?: Difference
  /** How much of it quantisation explains, if the prover has a bound. */
  tolerance?: number
  /** Over all inputs. */
  accuracy?: Accuracy
  /** Why there is no comparison, or no bound. */
  why?: string
}

interface Difference {
  /** Output and index, such as `probabilities[0, 3]`. */
  place: string
  expected: number
  proved: number
}

export interface ComparedRun extends PhaseProcess {
  /** What the point starts from. */
  given: PointFiles | undefined
  /** What earlier phases reported in addition to their figures. */
  extra: Readonly<Record<string, unknown>>
}

/** One input, and the files and reports of the phases that ran on it. */
interface Case {
  files: Files
  extra: Readonly<Record<string, unknown>>
  values: readonly PortValues[]
}

/**
 * Compares the proved output with what onnxruntime computes for the float model: on the input of the run, and on others
 * that are drawn for it. Each is judged by its own tolerance; the comparison is that of the worst one.
 */
export async function compareOutput(job: PointJob, run: ComparedRun): Promise<OutputComparison> {
  const { prover, plan } = job
  const { given, files, extra } = run
  if (!prover.provedOutput || !files['model']) return {}
  if (!given?.headers || !given.values) return { why: 'its model or its input was not read' }
  const accuracy = new AccuracyCount()
  let worst: OutputComparison = {}
  try {
    for (let draw = 0; draw < plan.options.inputs && !run.signal.aborted; draw++) {
      const one = draw ? await runOther(job, run, given, draw) : { files, extra, values: given.values }
      const compared = await compareCase(job, given.headers, one, run.signal, accuracy)
      if (compared.why) return { ...compared, ...(draw ? { why: `input ${draw + 1}: ${compared.why}` } : {}) }
      if (excessOf(compared) > excessOf(worst)) worst = compared
    }
  } catch (error) {
    return { why: formatError(error).split('\n')[0]! }
  }
  const found = accuracy.figures
  return { ...worst, ...(found ? { accuracy: found } : {}), ...judgeRange(worst.tolerance, found) }
}

/** How bad a case is: infinite beyond its tolerance, otherwise its error. */
function excessOf({ maxAbsError = -1, tolerance = Infinity }: OutputComparison): number {
  return Number.isNaN(maxAbsError) || maxAbsError > tolerance ? Infinity : maxAbsError
}

/** Runs the phases that make the output on another input, unmeasured, up to the one that states it. */
async function runOther(job: PointJob, run: ComparedRun, given: PointFiles, draw: number): Promise<Case> {
  const { prover, plan, planned } = job
  const dir = join(run.dir, `input-${draw + 1}`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const values = drawInput(given, plan, draw)
  const input = join(dir, 'drawn.json')
  await writeFile(input, formatInput(values))
  const own = { ...given, files: { ...given.files, input }, values }
  const last = prover.provedOutput!.from ?? 'prove'
  const phases = phasesOf(prover).filter(
    (phase) => phase !== 'compile' && PHASES.indexOf(phase) <= PHASES.indexOf(last),
  )
  const files: Record<string, string> = {
    ...run.files,
    ...(await copyInput(prover, own, planned.settings, dir)),
  }
  const extra: Record<string, unknown> = { ...run.extra }
  for (const phase of phases) {
    Object.assign(files, pathsOfWrites(prover, phase, dir))
    const { outcome, report } = await runPhaseProcess(job, { ...run, phase, files, dir })
    if (outcome.status !== 'ok')
      throw new Error(
        `${phase} on input ${draw + 1} ended as ${outcome.status}: ${outcome.error?.message ?? ''}`,
      )
    Object.assign(extra, report.extra)
  }
  return { files, extra, values }
}

async function compareCase(
  { prover: { provedOutput }, planned: { settings } }: PointJob,
  headers: OnnxModel,
  { files, extra, values }: Case,
  signal: AbortSignal,
  accuracy: AccuracyCount,
): Promise<OutputComparison> {
  const path = files['model']!
  const proved = await provedOutput!.read(files)
  const inputs = values.map((own) => own.values)
  const outputs = await reference.infer({ path, headers }, inputs, { signal })
  const count = outputs.reduce((sum, own) => sum + own.values.length, 0)
  if (proved.length !== count) {
    const shapes = outputs.map(({ name, shape }) => `${printableName(name)} [${shape.join(', ')}]`).join(', ')
    return { why: `${count} values (${shapes}) are expected, ${proved.length} were proved` }
  }
  accuracy.add(outputs, proved)
  const tolerance = await provedOutput!.tolerance?.({
    settings,
    extra,
    get model() {
      return readModel(path)
    },
    inputs,
    outputs,
    infer: (model, others) => reference.infer(model, others, { signal }),
  })
  const found = findLargestDifference(outputs, proved)
  if (tolerance === undefined) return found
  // A NaN is not a bound, so there is nothing to compare.
  if (!Number.isNaN(tolerance)) return { ...found, tolerance }
  return { ...found, why: 'the prover gives no bound for its rounding on this input' }
}

type Accuracy = NonNullable<Row['accuracy']>

/** An output with more axes than batch, position and score is not that of a classifier. */
const MAX_SCORE_RANK = 3

/** Sums up differences from the float model over inputs. */
class AccuracyCount {
  #inputs = 0
  #values = 0
  #low = Infinity
  #high = -Infinity
  #largest = 0
  #sum = 0
  #vectors = 0
  #agreed = 0

  add(outputs: readonly RunOutput[], proved: readonly number[]): void {
    this.#inputs++
    this.#values += proved.length
    for (const { expected, value } of pairValues(outputs, proved)) {
      const difference = Math.abs(expected - value)
      this.#low = Math.min(this.#low, expected)
      this.#high = Math.max(this.#high, expected)
      this.#largest = Math.max(this.#largest, difference)
      this.#sum += difference
    }
    const [scores, ...others] = outputs
    if (scores && !others.length) this.#countTop(scores, proved)
  }

  #countTop({ shape, values }: RunOutput, proved: readonly number[]): void {
    const count = shape.at(-1) ?? 0
    if (count < 2 || shape.length > MAX_SCORE_RANK) return
    for (let start = 0; start < values.length; start += count) {
      const top = proved.slice(start, start + count)
      const chosen = values[start + top.indexOf(Math.max(...top))]
      this.#vectors++
      // Either of two equal scores may count as the largest.
      if (chosen === Math.max(...values.slice(start, start + count))) this.#agreed++
    }
  }

  /** Undefined if the values have no range: a single value, all equal, or infinities. */
  get figures(): Accuracy | undefined {
    const range = this.#high - this.#low
    if (!(range > 0) || !Number.isFinite(range) || !Number.isFinite(this.#sum)) return undefined
    return {
      inputs: this.#inputs,
      range,
      max_error: this.#largest / range,
      mean_error: this.#sum / this.#values / range,
      ...(this.#vectors ? { top1: this.#agreed / this.#vectors } : {}),
    }
  }
}

/** A tolerance that is a large part of the range would accept almost any output. */
function judgeRange(
  tolerance: number | undefined,
  accuracy: Accuracy | undefined,
): Pick<OutputComparison, 'why'> {
  if (tolerance === undefined || !accuracy || isComparable(tolerance, accuracy)) return {}
  const share = formatShare(tolerance / accuracy.range)
  return {
    why: `quantisation explains differences of up to ${tolerance.toPrecision(3)}, ${share} of the output's range`,
  }
}

function findLargestDifference(
  outputs: readonly RunOutput[],
  proved: readonly number[],
): Pick<OutputComparison, 'maxAbsError' | 'worst'> {
  let maxAbsError = 0
  let worst: Difference | undefined
  for (const { output, index, expected, value } of pairValues(outputs, proved)) {
    // Equal infinities do not differ; NaN differs from everything.
    const difference = expected === value ? 0 : Math.abs(expected - value)
    if (difference <= maxAbsError) continue
    maxAbsError = difference
    const place = `${printableName(output.name)}[${indexOf(index, output.shape).join(', ')}]`
    worst = { place, expected, proved: value }
    if (Number.isNaN(difference)) break
  }
  return { maxAbsError, ...(worst ? { worst } : {}) }
}

/** Each value of the outputs, one after the other, with the one that was proved for it. */
function* pairValues(outputs: readonly RunOutput[], proved: readonly number[]) {
  let next = 0
  for (const output of outputs) {
    for (const [index, expected] of output.values.entries())
      yield { output, index, expected, value: proved[next++]! }
  }
}

/** The index along each axis of a row-major position. */
function indexOf(position: number, shape: readonly number[]): number[] {
  return shape.map((side, axis) => {
    const stride = shape.slice(axis + 1).reduce((product, own) => product * own, 1)
    return Math.floor(position / stride) % side
  })
}
