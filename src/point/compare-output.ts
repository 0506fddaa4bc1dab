import { formatError } from '../errors.ts'
import { readInput } from '../model/input.ts'
import { inferModel } from '../model/infer.ts'
import { fixInputs } from '../model/ports.ts'
import { readModel } from '../model/read.ts'
import type { Files } from '../prover/contract.ts'
import type { PointJob } from './job.ts'

export interface OutputComparison {
  /** Largest difference between the proved output and the float model. */
  maxAbsError?: number
  /** What quantisation explains, where the prover has a bound. */
  tolerance?: number
  /** Why there is no comparison. */
  why?: string
}

/** Multiplications of some seconds: the reference must not take longer than what it checks. */
const MAX_STEPS = 2e9

/** Compares the output that was proved with the reference inference of the float model. */
export async function compareOutput(
  { prover, planned: { settings } }: PointJob,
  run: { files: Files; input: string; extra: Readonly<Record<string, unknown>> },
): Promise<OutputComparison> {
  const { provedOutput } = prover
  if (!provedOutput) return {}
  try {
    const proved = await provedOutput.read(run.files)
    const model = readModel(run.files['model']!)
    const inputs = readInput(run.input, fixInputs(model)).map(({ values }) => values)
    const { outputs } = inferModel(model, inputs, { maxSteps: MAX_STEPS })
    const expected = outputs.flatMap(({ values }) => [...values])
    if (proved.length !== expected.length)
      return { why: `${expected.length} values are expected, ${proved.length} were proved` }
    const tolerance = provedOutput.tolerance?.({ settings, extra: run.extra, model, inputs })
    return { maxAbsError: maxDifference(proved, expected), ...(tolerance === undefined ? {} : { tolerance }) }
  } catch (error) {
    return { why: formatError(error).split('\n')[0]! }
  }
}

function maxDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, i) => {
    const difference = Math.abs(value - b[i]!)
    return difference > most || Number.isNaN(difference) ? difference : most
  }, 0)
}
