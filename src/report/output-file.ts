import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'

/** A file that is written under a temporary name and renamed once it is complete. */
export class OutputFile {
  readonly #path: string
  readonly #temporary: string
  readonly #handle: FileHandle
  #isOpen = true

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.#path = path
    this.#temporary = temporary
    this.#handle = handle
  }

  /** Creates missing folders. */
  static async open(path: string): Promise<OutputFile> {
    const temporary = `${path}.${process.pid}.tmp`
    return refuseAs(path, async () => {
      await mkdir(dirname(path), { recursive: true })
      return new OutputFile(path, temporary, await open(temporary, 'w'))
    })
  }

  write(text: string): Promise<void> {
    return refuseAs(this.#path, () => this.#handle.appendFile(text))
  }

  async commit(): Promise<void> {
    await this.#close()
    await refuseAs(this.#path, () => rename(this.#temporary, this.#path))
  }

  /** Removes the temporary file if it was not committed. */
  async discard(): Promise<void> {
    await this.#close()
    await rm(this.#temporary, { force: true })
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await refuseAs(this.#path, () => this.#handle.close())
  }
}

/** Runs a write; turns system errors into FILE_UNWRITABLE. */
export async function refuseAs<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'see that its folder can be written and its disk is not full, or name another file',
    })
  }
}

export async function writeOutput(path: string, text: string): Promise<void> {
  const file = await OutputFile.open(path)
  try {
    await file.write(text)
    await file.commit()
  } finally {
    await file.discard()
  }
}
