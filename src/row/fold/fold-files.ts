import type { ReadOptions } from '../read.ts'
import type { RunSelection } from '../runs.ts'
import { fixSelection } from '../select-runs.ts'
import { addRows, type Collector } from './collector.ts'
import { PartWorker } from './part-worker.ts'
import { numberLines, splitFile } from './split-file.ts'

export interface Folding extends Pick<ReadOptions, 'onProblem'> {
  run: RunSelection
}

/**
 * Adds the selected rows of results files to a collector, in order; a large file is read by all cores, and gives the
 * same to the last digit. No more of a file is held than what the collectors hold.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function foldFiles<Own extends Collector<Own>>(
  collector: Own,
  files: readonly string[],
  folding: Folding,
): Promise<Own> {
  for (const file of files) await foldFile(collector, file, folding)
  return collector
}

async function foldFile<Own extends Collector<Own>>(
  collector: Own,
  file: string,
  { run, onProblem }: Folding,
): Promise<void> {
  const selection = await fixSelection(file, run)
  const [first, ...others] = await splitFile(file)
  const workers = others.map((part) => ({
    part,
    worker: new PartWorker<Own>({ kind: collector.kind, file, part, selection }),
  }))
  try {
    await addRows(collector, file, selection, { onProblem, part: first })
    for (const { part, worker } of workers) {
      const later = await worker.result
      if (later) collector.merge(later)
      else await addRows(collector, file, selection, { onProblem, part: await numberLines(file, part) })
    }
  } finally {
    await Promise.all(workers.map(({ worker }) => worker.stop()))
  }
}
