import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Part } from '../lines.ts'

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
export async function numberLines(file: string, part: Part): Promise<Part> {
  let line = 1
  const before: AsyncIterable<Buffer> = createReadStream(file, { end: part.from - 2, highWaterMark: 2 ** 20 })
  for await (const piece of before) {
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) line++
  }
  return { ...part, line }
}
