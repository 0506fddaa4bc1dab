import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'

/** Makes the error for a file that is not what it should be. */
type Refuse = (what: string, options?: { cause?: unknown; hint?: string | undefined }) => ProvemarkError

/**
 * Opens a regular file, and closes it after use. Anything else is refused, and so is a file that stands for another
 * one, such as a Git LFS pointer.
 * @throws ProvemarkError from `refuse` or `use`
 */
export function withRegularFile<Result>(
  path: string,
  refuse: Refuse,
  use: (fd: number, bytes: number) => Result,
): Result {
  try {
    // Without O_NONBLOCK, a named pipe instead of a file would wait for its writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile()) throw refuse('it is not a regular file')
      const impostor = findImpostor(fd, stats.size)
      if (impostor) throw refuse(impostor.what, { hint: impostor.hint })
      return use(fd, stats.size)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    if (cause instanceof ProvemarkError) throw cause
    const link = explainLink(path)
    throw refuse(link?.what ?? (cause as Error).message, { cause, hint: link?.hint })
  }
}

/** What kind of file was found in place of a model, its weights or an input, and what to do about it. */
interface Impostor {
  what: string
  hint: string
}

const HEAD_BYTES = 512
const DOWNLOAD_AGAIN = 'download the file again and check its size'
const EXPORT_IT = 'unpack it, or export the model to ONNX'

const POINTERS: [pattern: RegExp, what: string, hint: string][] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    'it is a Git LFS pointer, not the file itself',
    'git lfs pull, then run again (git lfs install sets Git LFS up)',
  ],
  [
    /^(?:\.\.\/)*(?:\.git\/annex\/objects\/|\/annex\/objects\/)/,
    'it is a git-annex pointer, not the file itself',
    'git annex get FILE, then run again',
  ],
  [/^\s*<(?:!doctype html|html)\b/i, 'it is an HTML page, as a failed download leaves one', DOWNLOAD_AGAIN],
  [/^\s*<\?xml\b|^\s*<Error>/, 'it is an XML document, as a failed download leaves one', DOWNLOAD_AGAIN],
]

const ARCHIVES: [start: string, what: string, hint: string][] = [
  ['PK\x03\x04', 'it is a ZIP archive, as PyTorch, Keras and numpy.savez write them', EXPORT_IT],
  ['\x1f\x8b\x08', 'it is compressed with gzip', 'gunzip it'],
  ['\x89HDF\r\n', 'it is an HDF5 file, as Keras writes them', EXPORT_IT],
]

/** What an open file really is, judging by its first bytes; undefined if it may be the expected kind. */
export function findImpostor(fd: number, bytes: number): Impostor | undefined {
  if (bytes === 0) return { what: 'it is empty', hint: 'write, copy or download the file again' }
  const head = Buffer.alloc(Math.min(HEAD_BYTES, bytes))
  readSync(fd, head, 0, head.length, 0)
  const text = head.toString('latin1')
  const found =
    POINTERS.find(([pattern]) => pattern.test(text.replace(/^\xEF\xBB\xBF/, ''))) ??
    ARCHIVES.find(([start]) => text.startsWith(start))
  return found && { what: found[1], hint: found[2] }
}

/** Why a path that git-annex keeps as a link to missing contents cannot be opened. */
function explainLink(path: string): Impostor | undefined {
  try {
    if (!/(?:^|\/)\.git\/annex\/objects\//.test(readlinkSync(path))) return undefined
    return {
      what: 'it is a git-annex link whose contents are not here',
      hint: 'git annex get FILE, then run again',
    }
  } catch {
    return undefined
  }
}
