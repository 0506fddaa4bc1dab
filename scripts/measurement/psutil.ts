import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cacheDir } from '../../src/cache.ts'

const VENV = cacheDir('psutil-7.2.2')

/** Path of a Python that has psutil, pinned by hash, in the user's cache. */
export async function preparePsutil(): Promise<string> {
  const python = join(VENV, 'bin', 'python')
  if (existsSync(join(VENV, 'ready'))) return python
  const requirements = join(import.meta.dirname, 'requirements.txt')
  await execa('python3', ['-m', 'venv', VENV])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes']
  await execa(python, [...pip, '--only-binary', ':all:', '-r', requirements], { stdio: 'inherit' })
  await execa('touch', [join(VENV, 'ready')])
  return python
}
