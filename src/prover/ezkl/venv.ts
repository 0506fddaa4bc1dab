import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import which from 'which'
import { cacheDir } from '../../cache.ts'
import { ProvemarkError } from '../../errors.ts'
import { packageRoot } from '../../package-root.ts'

const PYTHON = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python')

/** Python of the environment with the pinned package; undefined where it is not set up. */
export function findVenvPython(): string | undefined {
  const python = join(venvDir(), PYTHON)
  return existsSync(python) ? python : undefined
}

/**
 * Makes the environment with nothing but a Python 3: versions and hashes are pinned, only wheels are taken, and a
 * finished environment is renamed into place. Returns its Python.
 * @throws ProvemarkError PROVER_NOT_FOUND without a Python, PROVER_SETUP_FAILED
 */
export async function makeVenv(onProgress: (line: string) => void = () => {}): Promise<string> {
  const venv = venvDir()
  const unfinished = `${venv}.${process.pid}.tmp`
  const system = await findSystemPython()
  try {
    onProgress(`setting up its Python environment in ${venv} (a download of some 15 MB)`)
    await mkdir(dirname(venv), { recursive: true, mode: 0o700 })
    await run(
      system,
      ['-m', 'venv', unfinished],
      'install venv for it (Debian: apt-get install python3-venv)',
    )
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps']
    const pinned = ['--only-binary', ':all:', '--require-hashes', '-r', requirementsFile()]
    await run(
      join(unfinished, PYTHON),
      [...pip, ...pinned],
      'check the network and the output above, and try again',
    )
    // Another process may have made the same environment meanwhile.
    await rename(unfinished, venv).catch((error: unknown) => {
      if (!findVenvPython()) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  onProgress('ready')
  return join(venv, PYTHON)
}

async function findSystemPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const found = await which(name, { nothrow: true })
    if (found) return found
  }
  throw new ProvemarkError('PROVER_NOT_FOUND', 'prover ezkl: no python3 on PATH', {
    hint: 'install Python 3.8 or newer, then: npx provemark setup ezkl',
  })
}

async function run(file: string, args: string[], hint: string): Promise<void> {
  const { execa } = await import('execa')
  const { exitCode, all, message } = await execa(file, args, { all: true, reject: false, stdin: 'ignore' })
  if (exitCode === 0) return
  const end = String(all ?? '')
    .trim()
    .split('\n')
    .slice(-5)
    .join('\n')
  throw new ProvemarkError(
    'PROVER_SETUP_FAILED',
    `prover ezkl: ${file} ${args.slice(0, 3).join(' ')}: ${end || message}`,
    {
      hint,
    },
  )
}

/** One environment for each version of the requirements. */
function venvDir(): string {
  const digest = createHash('sha256').update(readFileSync(requirementsFile())).digest('hex').slice(0, 12)
  return cacheDir('ezkl', `venv-${digest}`)
}

function requirementsFile(): string {
  return join(packageRoot(), 'src/prover/ezkl/requirements.txt')
}
