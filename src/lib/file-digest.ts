import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** Bytes per read: with Node's default of 64 KB, the calls cost more than the digest. */
const CHUNK_BYTES = 2 ** 20

/** SHA-256 of a file, hex. Streams the file. */
export async function digestFile(path: string): Promise<string> {
  return digestStream(createReadStream(path, { highWaterMark: CHUNK_BYTES }))
}

/** The same for an open file, which stays open. */
export async function digestOpenFile(fd: number): Promise<string> {
  return digestStream(createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: CHUNK_BYTES }))
}

async function digestStream(stream: ReadStream): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(stream, hash)
  return hash.digest('hex')
}
