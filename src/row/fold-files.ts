import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { moduleUrl } from '../module-url.ts'
import { addRows, type Cloned, type Collector } from './collector.ts'
import type { Part } from './lines.ts'
import type { ReadOptions } from './read.ts'
import { type FixedSelection, fixSelection, type RunSelection } from './runs.ts'

/** Less is read sooner than a thread has started. */
const SMALLEST_BYTES = 16 * 2 ** 20
/** Each thread takes some 40 MB. */
const MOST_PARTS = 4

/** Parts of a file of equal size, one for each core; one alone where it is small, or no regular file. */
export async function splitFile(file: string): Promise<[Part, ...Part[]]> {
  // What cannot be looked at cannot be read either, and reading it says why.
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  )
  const count = Math.max(1, Math.min(MOST_PARTS, availableParallelism(), Math.floor(size / SMALLEST_BYTES)))
  // The last has no end: a run may be writing to the file.
  const startOf = (i: number) => (i < count ? Math.floor((i * size) / count) : Infinity)
  const parts = Array.from({ length: count }, (_, i) => ({ from: startOf(i), to: startOf(i + 1) }))
  return parts as [Part, ...Part[]]
}

/** A part whose lines know their numbers in the file. */
async function numberLines(file: string, part: Part): Promise<Part> {
  let line = 1
  const before: AsyncIterable<Buffer> = createReadStream(file, { end: part.from - 2, highWaterMark: 2 ** 20 })
  for await (const piece of before) {
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) line++
  }
  return { ...part, line }
}

/** What a thread is to sum up, and how. */
export interface PartJob {
  kind: Collector<unknown>['kind']
  file: string
  part: Part
  selection: FixedSelection
}

/** Sums up a part of a file in a thread of its own. */
export class PartWorker<Own> {
  /**
   * What the part gives; null where the thread cannot tell, and the part has to be read here: a line of it is no row,
   * or there is no memory for one more thread.
   */
  readonly result: Promise<Cloned<Own> | null>
  readonly #worker: Worker

  constructor(job: PartJob) {
    const worker = new Worker(moduleUrl('fold-worker'), { workerData: job })
    this.result = new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code?.startsWith('ERR_WORKER_')) resolve(null)
        else reject(error)
      })
      worker.once('exit', () =>
        reject(new Error(`the thread that read ${job.file} ended before it was done`)),
      )
    })
    // Who stops early does not ask for it.
    this.result.catch(() => {})
    this.#worker = worker
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}

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
