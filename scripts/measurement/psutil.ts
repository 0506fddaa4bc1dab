import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../../src/lib/cache.ts'
import { findPython, makeVenvAt, pythonOf } from '../../src/system/python.ts'

const VENV = cacheDir('venv-psutil-7.2.2')

/** Path of a Python that has psutil, pinned by hash, in the user's cache. */
export async function preparePsutil(): Promise<string> {
  const python = pythonOf(VENV)
  if (existsSync(python)) return python
  const requirements = join(import.meta.dirname, 'requirements.txt')
  await makeVenvAt(VENV, (await findPython()) ?? 'python3', { requirements, report: console.error })
  return python
}
