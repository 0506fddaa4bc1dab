import { ProvemarkError } from '../errors.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { nameOperator } from '../model/graphs.ts'
import { printableName } from '../lib/text.ts'
import type { Files, Prover } from '../prover/contract.ts'
import { GIVEN } from '../prover/define.ts'
import type { Row } from '../row/schema.ts'
import { circuitKeyOf } from './circuit-cache/cached-compile.ts'
import { findDiskShortage } from './disk-guard.ts'
import type { Start } from './lineage.ts'
import { findMemoryShortage, predictPeak } from './memory-guard.ts'
import { rowBase, unsupported, type RowBase, type RowError } from './phase-row.ts'
import { preparePointFiles, type PointFiles } from './point-files.ts'
import type { PointJob } from './point.ts'

export interface PreparedPoint {
  base: RowBase
  /** The inputs of a compile; absent if the point has no model to run. */
  start?: Start
  error?: ProvemarkError
  files?: PointFiles
  /** For the row of its first phase. */
  warnings: readonly string[]
  /** Key of its compiled circuit in the cache; absent if it cannot be cached. */
  circuitKey?: string | undefined
  /** Why the prover cannot run the point, if this is known in advance. */
  skip?: RowError | undefined
}

/**
 * Prepares the files of a point and decides whether it can run.
 * @throws ProvemarkError PLAN_CHANGED if the rows of a resumed run are from another model or input
 */
export async function preparePoint(job: PointJob): Promise<PreparedPoint> {
  const { plan, point, earlier = [] } = job
  try {
    const files = await preparePointFiles(point, plan)
    for (const row of earlier) refuseOther(row, files)
    const { predicted, warnings } = files.headers ? await predictPeak(job, files.headers) : { warnings: [] }
    return {
      base: rowBase(job, files),
      start: { files: files.files, circuit_sha256: null, extra: {} },
      files,
      warnings,
      circuitKey: circuitKeyOf(job, files),
      skip:
        findAbsent(job.prover, files.files) ??
        (files.headers && findUnsupported(job, files.headers)) ??
        findMemoryShortage(job, predicted) ??
        findDiskShortage(job),
    }
  } catch (error) {
    // A model that cannot be read fails its own point, like one that the prover cannot compile.
    if (!(error instanceof ProvemarkError) || error.code === 'PLAN_CHANGED') throw error
    return { base: rowBase(job), error, warnings: [] }
  }
}

/** A prover of ONNX models cannot run a circuit, nor the other way round: what its commands read is not there. */
function findAbsent(prover: Prover, files: Files): RowError | undefined {
  const commands = Object.values(prover.phases).filter((spec) => !('run' in spec) && !spec.readsAny)
  const absent = GIVEN.find((name) => !(name in files) && commands.some(({ reads }) => reads.includes(name)))
  if (!absent) return undefined
  const has = Object.keys(files).join(' and ') || 'only parameters'
  return {
    code: 'MODEL_UNSUPPORTED',
    message: `${prover.name} reads the ${absent === 'model' ? 'ONNX model' : absent} of a point, and this one has ${has}`,
    hint: 'use another prover for this track, or give the point the file that it reads',
  }
}

/** Why a prover cannot run a model: an operator that it does not support, or another reason that it gives. */
function findUnsupported({ prover, planned }: PointJob, model: OnnxModel): RowError | undefined {
  const operators = planned.located.operators ?? prover.operators
  const why = findOperator(prover.name, operators, model) ?? prover.refuse?.(model)
  return typeof why === 'string' ? unsupported(why) : why
}

function findOperator(
  name: string,
  operators: readonly string[] | undefined,
  { graph }: OnnxModel,
): RowError | undefined {
  const node = operators && graph?.node.find((candidate) => !operators.includes(nameOperator(candidate)))
  if (!node) return undefined
  return {
    code: 'OPERATOR_UNSUPPORTED',
    message: `node ${printableName(node.name || node.output[0]) || '?'}: ${name} does not prove ${printableName(nameOperator(node))}`,
    hint: `use another prover; ${name} proves ${operators.join(', ')}`,
  }
}

function refuseOther(row: Row, files: PointFiles): void {
  for (const name of ['model', 'input'] as const) {
    const [then, now] = [row[`${name}_sha256`], files[`${name}_sha256`]]
    if (!then || then === now) continue
    const message = `${row.point}: the run to resume was measured on another ${name}: SHA-256 ${then} then, ${now} now`
    throw new ProvemarkError('PLAN_CHANGED', message, {
      hint: 'the track has to make the same one each time; drop --resume to start a new run',
    })
  }
}
