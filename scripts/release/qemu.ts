import { existsSync } from 'node:fs'
import { join } from 'node:path'
import which from 'which'
import { cacheDir } from '../../src/lib/cache.ts'
import { unpackDebian } from '../../src/system/tools.ts'

/** Path of a program that runs programs for Linux on arm64: the machine's own, or Debian's, fetched once. */
export async function findQemu(report: (line: string) => void): Promise<string> {
  for (const name of ['qemu-aarch64-static', 'qemu-aarch64']) {
    const found = await which(name, { nothrow: true })
    if (found) return found
  }
  const folder = cacheDir('qemu-user-static')
  const path = join(folder, 'usr/bin/qemu-aarch64-static')
  if (!existsSync(path)) {
    report(`fetching qemu-user-static with apt-get (63 MB, once; kept in ${folder})`)
    await unpackDebian('qemu-user-static', folder)
  }
  return path
}
