import { join } from 'node:path'
import { execa } from 'execa'

/**
 * Runs full-disk-inside.ts if it may mount a small disk. Neither script needs root, but a system may forbid the
 * mount: then it counts as a failure that says so.
 */
export async function tryFullDisk(): Promise<{ passed: number; failed: number; minutes: number }> {
  console.log('\n> a disk that fills up')
  const script = join(import.meta.dirname, 'full-disk-inside.ts')
  const { failed, durationMs, all } = await execa('unshare', ['-rm', process.execPath, script], {
    all: true,
    reject: false,
    stdin: 'ignore',
  })
  console.log(all)
  return { passed: failed ? 0 : 1, failed: failed ? 1 : 0, minutes: durationMs / 60_000 }
}
