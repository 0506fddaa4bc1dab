import { formatError } from '../errors.ts'
import { readModel } from '../model/file.ts'
import { printableName } from '../lib/printable.ts'
import type { Files, InferredOutput } from '../prover/contract.ts'
import { reference } from '../reference/reference.ts'
import type { PointFiles } from './point-files.ts'
import type { PointJob } from './point.ts'

export interface OutputComparison {
  /** Largest difference between the proved output and the float model. */
  maxAbsError?: number
  /** Where it occurs. */
  worst?: Difference
  /** How much of it quantisation explains, if the prover has a bound. */
  tolerance?: number
  /** Why there is no comparison, or no bound. */
  why?: string
}

interface Difference {
  /** Output and index, such as `probabilities[0, 3]`. */
  place: string
  expected: number
  proved: number
}

/** Compares the proved output with what onnxruntime computes for the float model. */
export async function compareOutput(
  { prover, planned: { settings } }: PointJob,
  run: {
    files: Files
    given: PointFiles | undefined
    extra: Readonly<Record<string, unknown>>
    signal: AbortSignal
  },
): Promise<OutputComparison> {
  const { provedOutput } = prover
  if (!provedOutput || !run.files['model']) return {}
  const { signal, extra, given } = run
  const path = run.files['model']
  try {
    const proved = await provedOutput.read(run.files)
    if (!given?.headers || !given.values) return { why: 'its model or its input was not read' }
    const inputs = given.values.map(({ values }) => values)
    const outputs = await reference.infer({ path, headers: given.headers }, inputs, { signal })
    const count = outputs.reduce((sum, { values }) => sum + values.length, 0)
    if (proved.length !== count) {
      const shapes = outputs
        .map(({ name, shape }) => `${printableName(name)} [${shape.join(', ')}]`)
        .join(', ')
      return { why: `${count} values (${shapes}) are expected, ${proved.length} were proved` }
    }
    const difference = findLargestDifference(outputs, proved)
    const tolerance = await provedOutput.tolerance?.({
      settings,
      extra,
      get model() {
        return readModel(path)
      },
      inputs,
      outputs,
      infer: (model, others) => reference.infer(model, others, { signal }),
    })
    return { ...difference, ...judgeTolerance(tolerance) }
  } catch (error) {
    return { why: formatError(error).split('\n')[0]! }
  }
}

/** A NaN is not a bound, so there is nothing to compare. */
function judgeTolerance(tolerance: number | undefined): Pick<OutputComparison, 'tolerance' | 'why'> {
  if (tolerance === undefined) return {}
  if (!Number.isNaN(tolerance)) return { tolerance }
  return { why: 'the prover gives no bound for its rounding on this input' }
}

function findLargestDifference(
  outputs: readonly InferredOutput[],
  proved: readonly number[],
): Pick<OutputComparison, 'maxAbsError' | 'worst'> {
  let maxAbsError = 0
  let worst: Difference | undefined
  let offset = 0
  for (const { name, shape, values } of outputs) {
    for (const [index, expected] of values.entries()) {
      const value = proved[offset + index]!
      // Equal infinities do not differ; NaN differs from everything.
      const difference = expected === value ? 0 : Math.abs(expected - value)
      if (difference <= maxAbsError) continue
      maxAbsError = difference
      worst = {
        place: `${printableName(name)}[${indexOf(index, shape).join(', ')}]`,
        expected,
        proved: value,
      }
      if (Number.isNaN(difference)) return { maxAbsError, worst }
    }
    offset += values.length
  }
  return { maxAbsError, ...(worst ? { worst } : {}) }
}

/** The index along each axis of a row-major position. */
function indexOf(position: number, shape: readonly number[]): number[] {
  let rest = position
  return shape
    .toReversed()
    .map((side) => {
      const index = rest % side
      rest = Math.floor(rest / side)
      return index
    })
    .toReversed()
}
