import { dirname } from 'node:path'
import { phasesOf, type Files } from '../prover/contract.ts'
import { pathsOfWrites } from '../point/artifacts.ts'
import type { PointJob } from '../point/point.ts'
import { copyInput, preparePointFiles } from '../point/point-files.ts'
import { PointRun } from '../point/point-run.ts'
import type { Row } from '../row/schema.ts'

/** Results of an honest run: the rows of two iterations (one verify), and the files of the first. */
export interface HonestRun {
  rows: Row[]
  /** Every file by name; absent if compile did not get that far. */
  files?: Files
  dir?: string
}

/** Runs all phases on the tiny model, as a benchmark does. */
export async function runHonestly(job: PointJob): Promise<HonestRun> {
  const rows: Row[] = []
  const run = new PointRun(job)
  const signal = new AbortController().signal
  for (const phase of run.phases) {
    for await (const row of run.runPhase(phase, { signal, record: async () => {} })) rows.push(row)
  }
  const dir = rows.find(({ tmpdir }) => tmpdir)?.tmpdir
  return dir ? { rows, dir, files: await listFiles(job, dir) } : { rows }
}

async function listFiles(job: PointJob, dir: string): Promise<Files> {
  const { prover, planned, point, plan } = job
  const given = await preparePointFiles(point, plan)
  const copy = await copyInput(prover, given, planned.settings, dir)
  const made = phasesOf(prover).map((phase) => pathsOfWrites(prover, phase, dir))
  return Object.assign({ ...given.files, ...copy }, ...made)
}

/** Folder of the other iteration of the same run. */
export function otherDir(dir: string): string {
  return `${dirname(dir)}/2`
}
