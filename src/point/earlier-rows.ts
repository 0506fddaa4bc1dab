import { existsSync } from 'node:fs'
import { canonicalJson } from '../row/canonical-json.ts'
import { readRowBatches } from '../row/jsonl.ts'
import type { Row } from '../row/schema.ts'
import { settingsOf } from './phase-row.ts'
import type { Plan, PlannedProver, PlannedTrack } from '../plan/plan.ts'

/** Rows that earlier processes of a resumed run have written for a track; none where the run is new. */
export async function readEarlierRows(plan: Plan, { name, results }: PlannedTrack): Promise<Row[]> {
  if (!plan.resumed || !existsSync(results)) return []
  const rows: Row[] = []
  for await (const batch of readRowBatches(results)) {
    for (const row of batch) if (row.run_id === plan.run_id && row.track === name) rows.push(row)
  }
  return rows
}

/** What tells the provers of one run apart in its rows: two may share a name. */
export function proverKeyOf({ prover, settings, side }: Row): string {
  return keyOf([prover?.name, prover?.version, prover?.sha256, side], settings)
}

/** The same key of a prover that is to run. */
export function proverKeyOfPlanned(plan: Plan, planned: PlannedProver): string {
  const { name, located, side } = planned
  return keyOf([name, located.version, located.sha256, side], settingsOf(plan, planned))
}

function keyOf(prover: unknown[], settings: Row['settings']): string {
  // Rows name the sampling plan among the settings, where one repeated them.
  return canonicalJson([...prover, { ...settings, sampling: undefined }])
}
