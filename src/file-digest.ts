import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** Bytes read at a time: with Node's own 64 KB, going back and forth costs more than the digest. */
const CHUNK_BYTES = 2 ** 20

/** SHA-256 of a file, hex, without holding it in memory. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), hash)
  return hash.digest('hex')
}
