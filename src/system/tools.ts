import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import which from 'which'
import { moveIntoPlace, unfinishedPath } from '../lib/whole-file.ts'

/**
 * Runs a command to its end, without input.
 * @returns its stdout
 * @throws Error with the command and the end of its output
 */
export async function runTool(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { execa } = await import('execa')
  const result = await execa(file, args, { ...options, all: true, reject: false, stdin: 'ignore' })
  if (!result.failed) return result.stdout
  const end = String(result.all ?? '')
    .trim()
    .split('\n')
    .slice(-5)
    .join('\n')
  throw new Error(`${result.shortMessage}${end && `\n${end}`}`)
}

/**
 * Downloads a package with apt-get and unpacks it into a folder: this changes nothing in the system and does not need
 * root.
 * @throws Error
 */
export async function unpackDebian(name: string, folder: string): Promise<void> {
  const apt = await which('apt-get', { nothrow: true })
  if (!apt) throw new Error('there is no apt-get')
  const unfinished = unfinishedPath(folder)
  try {
    await mkdir(join(unfinished, 'lists/partial'), { recursive: true, mode: 0o700 })
    await download(apt, name, unfinished)
    const file = (await readdir(unfinished)).find((entry) => entry.endsWith('.deb'))
    await runTool('dpkg-deb', ['-x', file!, 'unpacked'], { cwd: unfinished })
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
    await moveIntoPlace(join(unfinished, 'unpacked'), folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function download(apt: string, name: string, folder: string): Promise<void> {
  // Without the sandbox: root's apt-get would try to write here as a user without permission.
  const run = (...args: string[]) =>
    runTool(apt, ['-qq', '-o', 'APT::Sandbox::User=root', ...args], { cwd: folder })
  try {
    await run('download', name)
  } catch {
    // The system's package lists may be missing or outdated, and belong to root.
    const own = ['-o', `Dir::State::Lists=${folder}/lists`, '-o', `Dir::Cache=${folder}`]
    await run(...own, 'update')
    await run(...own, 'download', name)
  }
}
