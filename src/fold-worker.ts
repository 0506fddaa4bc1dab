import { parentPort, workerData } from 'node:worker_threads'
import { ProvemarkError } from './errors.ts'
import { BaselineCollector, SeriesCollector } from './gate/collect.ts'
import { Aggregation } from './row/aggregate.ts'
import { addRows } from './row/collector.ts'
import type { PartJob } from './row/fold-files.ts'
import type { RowProblem } from './row/read.ts'

// The thread that summarizes a part of a results file. It returns what it collected, or null at the first line that is
// not a row. The caller then reads that part itself and reports the line.
const COLLECTORS = {
  points: () => new Aggregation(),
  series: () => new SeriesCollector(),
  runs: () => new BaselineCollector(),
}

const { kind, file, part, selection } = workerData as PartJob
const collector = COLLECTORS[kind]()
try {
  await addRows(collector, file, selection, { part, onProblem: stopReading })
  parentPort?.postMessage(collector)
} catch (error) {
  if (!(error instanceof ProvemarkError)) throw error
  parentPort?.postMessage(null)
}

function stopReading({ error }: RowProblem): never {
  throw error
}
