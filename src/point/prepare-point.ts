import { ProvemarkError } from '../errors.ts'
import type { OnnxModel } from '../model/onnx.ts'
import type { Row } from '../row/schema.ts'
import type { Link } from './chain.ts'
import { circuitKeyOf } from './circuit-cache/key.ts'
import { findDiskShortage } from './disk-guard.ts'
import type { PointJob } from './job.ts'
import { prepareMaterials, type Materials } from './materials.ts'
import { findExcess, predictPeak } from './memory-guard.ts'
import { findUnsupported } from './operator-guard.ts'
import { rowBase, type RowBase } from './phase-row.ts'

export interface PreparedPoint {
  base: RowBase
  /** Files that a compile starts from; absent where the point has no model to run. */
  start?: Pick<Link, 'files' | 'circuit_sha256' | 'extra'>
  error?: ProvemarkError
  /** The point's own input file. */
  input: string
  /** What its compiled circuit is called in the cache; absent where it cannot be kept. */
  circuitKey?: string | undefined
  /** Why the prover cannot do the point, known before anything runs. */
  skip?: NonNullable<Row['error']> | undefined
}

/**
 * Makes what a point starts from and judges whether it can run.
 * @throws ProvemarkError PLAN_CHANGED where the rows of a resumed run are of another model or input
 */
export async function preparePoint(job: PointJob): Promise<PreparedPoint> {
  const { plan, point, earlier = [] } = job
  try {
    const materials = await prepareMaterials(point, plan)
    for (const row of earlier) refuseOther(row, materials)
    const files = { model: materials.whole, input: materials.input }
    return {
      base: rowBase(job, materials),
      start: { files, circuit_sha256: null, extra: {} },
      input: materials.input,
      circuitKey: circuitKeyOf(job, materials),
      skip: await findHindrance(job, materials.headers),
    }
  } catch (error) {
    // A model that cannot be read fails its own point, as a prover that cannot compile it would.
    if (!(error instanceof ProvemarkError) || error.code === 'PLAN_CHANGED') throw error
    return { base: rowBase(job), error, input: '' }
  }
}

async function findHindrance(job: PointJob, model: OnnxModel): Promise<PreparedPoint['skip']> {
  return (
    findUnsupported(job.prover, model) ??
    findExcess(job, await predictPeak(job, model)) ??
    findDiskShortage(job)
  )
}

function refuseOther(row: Row, materials: Materials): void {
  for (const name of ['model', 'input'] as const) {
    const [then, now] = [row[`${name}_sha256`], materials[`${name}_sha256`]]
    if (!then || then === now) continue
    const message = `${row.point}: the run that goes on was measured on another ${name}: SHA-256 ${then} then, ${now} now`
    throw new ProvemarkError('PLAN_CHANGED', message, {
      hint: 'the track has to make the same each time; leave --resume away, and a new run begins',
    })
  }
}
