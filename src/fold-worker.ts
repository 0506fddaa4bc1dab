import { parentPort, workerData } from 'node:worker_threads'
import { ProvemarkError } from './errors.ts'
import { addRows, type PartJob } from './row/fold-files.ts'
import type { RowProblem } from './row/read.ts'
import { SeriesFold } from './row/series.ts'

// The thread that folds a part of a results file. It returns the fold, or null at the first line that is
// not a row. The caller then reads that part itself and reports the line.
const { pool, file, part, selection } = workerData as PartJob
const fold = new SeriesFold(pool)
try {
  await addRows(fold, file, selection, { part, onProblem: stopReading })
  parentPort?.postMessage(fold)
} catch (error) {
  if (!(error instanceof ProvemarkError)) throw error
  parentPort?.postMessage(null)
}

function stopReading({ error }: RowProblem): never {
  throw error
}
