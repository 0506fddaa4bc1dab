import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { execa } from 'execa'
import { ProvemarkError } from '../errors.ts'

/**
 * The spec of a side in the form a run takes. A spec with `ref=GIT_REF` is built first: its commit is checked out into
 * a separate clone, the build command runs there, and `bin` is looked up there. The repository itself is not changed.
 * @param dir folder for the clone, must not exist yet
 * @throws ProvemarkError CONFIG_INVALID or BUILD_FAILED
 */
export async function buildSide(spec: string, build: string | undefined, dir: string): Promise<string> {
  const parts = spec.split(',')
  const ref = parts.find((part) => part.startsWith('ref='))?.slice('ref='.length)
  if (ref === undefined) return spec
  const bin = parts.find((part) => part.startsWith('bin='))?.slice('bin='.length)
  if (!bin || !ref || ref.startsWith('-')) {
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `${spec}: expected ref=GIT_REF and bin=PATH, the built program`,
      {
        hint: "--a 'NAME,ref=main,bin=target/release/prover' --b 'NAME,ref=HEAD,bin=…' --build 'cargo build --release'",
      },
    )
  }
  const at = await checkOut(ref, dir)
  if (build) await runBuild(build, at, ref)
  const built = resolve(at, bin)
  if (!existsSync(built)) {
    throw new ProvemarkError('BUILD_FAILED', `${ref} has no ${bin}${build ? ` after ${build}` : ''}`, {
      hint: build ? 'bin is relative to the current folder' : "name the command that makes it: --build '…'",
    })
  }
  return parts
    .filter((part) => !part.startsWith('ref='))
    .map((part) => (part.startsWith('bin=') ? `bin=${built}` : part))
    .join(',')
}

/** Clones the repository at a commit and returns the clone's counterpart of the current folder. */
async function checkOut(ref: string, dir: string): Promise<string> {
  const git = async (...args: string[]) => (await execa('git', args)).stdout
  try {
    const root = await git('rev-parse', '--show-toplevel')
    const commit = await git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`)
    // A shared clone copies no history and, unlike a work tree, needs no entry in the repository.
    await git('clone', '--quiet', '--shared', '--no-checkout', root, dir)
    await git('-C', dir, 'checkout', '--quiet', '--detach', commit)
    await git('-C', dir, 'submodule', '--quiet', 'update', '--init', '--recursive')
    return join(dir, relative(root, process.cwd()))
  } catch (cause) {
    const said = String((cause as { stderr?: unknown }).stderr ?? (cause as Error).message).trim()
    throw new ProvemarkError('BUILD_FAILED', `cannot check out ${ref}: ${said}`, {
      cause,
      hint: `try git rev-parse ${ref}; a shallow clone needs git fetch --unshallow`,
    })
  }
}

/** Runs the user's command in a shell, with its output visible. */
async function runBuild(command: string, cwd: string, ref: string): Promise<void> {
  console.error(`building ${ref}: ${command}`)
  const { failed, exitCode } = await execa(command, {
    cwd,
    shell: true,
    stdio: ['ignore', process.stderr, process.stderr],
    reject: false,
  })
  if (!failed) return
  throw new ProvemarkError(
    'BUILD_FAILED',
    `the build of ${ref} ended with exit code ${exitCode}: ${command}`,
    {
      hint: 'see its output above',
    },
  )
}
