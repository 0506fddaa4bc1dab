import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { moduleUrl } from '../lib/own-package.ts'
import type { Cloned } from './figures.ts'
import type { Part } from './lines.ts'
import type { ReadOptions } from './read.ts'
import { type FixedSelection, fixSelection, readSelected, type RunSelection } from './runs.ts'
import { type Pool, SeriesFold } from './series.ts'

/** A smaller file is read faster than a thread starts. */
const SMALLEST_BYTES = 16 * 2 ** 20
/** Each thread takes about 40 MB. */
const MOST_PARTS = 4

/** Splits a file into parts of equal size, one per core. Returns a single part if it is small or not a regular file. */
export async function splitFile(file: string): Promise<[Part, ...Part[]]> {
  // If stat fails, reading fails too, and that error gives the reason.
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  )
  const count = Math.max(1, Math.min(MOST_PARTS, availableParallelism(), Math.floor(size / SMALLEST_BYTES)))
  // The last part is open-ended: a run may be writing to the file.
  const startOf = (i: number) => (i < count ? Math.floor((i * size) / count) : Infinity)
  const parts = Array.from({ length: count }, (_, i) => ({ from: startOf(i), to: startOf(i + 1) }))
  return parts as [Part, ...Part[]]
}

/** The part with its line numbers counted from the start of the file. */
async function numberLines(file: string, part: Part): Promise<Part> {
  let line = 1
  const before: AsyncIterable<Buffer> = createReadStream(file, { end: part.from - 2, highWaterMark: 2 ** 20 })
  for await (const piece of before) {
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) line++
  }
  return { ...part, line }
}

/** The input of a thread. */
export interface PartJob {
  pool: Pool
  file: string
  part: Part
  selection: FixedSelection
}

/**
 * Folds a part of a file in its own thread. The result is null if the thread could not compute it and the part has to be
 * read here: a line is not a row, or there is not enough memory for another thread.
 */
export function foldInThread(job: PartJob) {
  const worker = new Worker(moduleUrl('fold-worker'), { workerData: job })
  const result = new Promise<Cloned<SeriesFold> | null>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', (error: NodeJS.ErrnoException) =>
      error.code?.startsWith('ERR_WORKER_') ? resolve(null) : reject(error),
    )
    worker.once('exit', () => reject(new Error(`the thread that read ${job.file} ended before it was done`)))
  })
  // A caller that stops early never awaits it.
  result.catch(() => {})
  return { part: job.part, result, stop: () => worker.terminate() }
}

export interface Folding extends Pick<ReadOptions, 'onProblem'> {
  run: RunSelection
  pool: Pool
}

/**
 * Folds the selected rows of results files, in order. A large file is read on all cores; the result is identical to the
 * last digit. Only the series are held in memory.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function foldFiles(
  files: readonly string[],
  { run, pool, onProblem }: Folding,
): Promise<SeriesFold> {
  const fold = new SeriesFold(pool)
  for (const file of files) await foldFile(fold, file, await fixSelection(file, run), onProblem)
  return fold
}

async function foldFile(
  fold: SeriesFold,
  file: string,
  selection: FixedSelection,
  onProblem: Folding['onProblem'],
): Promise<void> {
  const [first, ...others] = await splitFile(file)
  const threads = others.map((part) => foldInThread({ pool: fold.pool, file, part, selection }))
  try {
    await addRows(fold, file, selection, { onProblem, part: first })
    for (const { part, result } of threads) {
      const later = await result
      if (later) fold.merge(later)
      else await addRows(fold, file, selection, { onProblem, part: await numberLines(file, part) })
    }
  } finally {
    await Promise.all(threads.map(({ stop }) => stop()))
  }
}

/** Adds the selected rows of a file, or of a part of it. */
export async function addRows(
  fold: SeriesFold,
  file: string,
  selection: FixedSelection,
  options: ReadOptions,
): Promise<void> {
  for await (const rows of readSelected(file, selection, options)) {
    for (const row of rows) fold.add(row)
  }
}
