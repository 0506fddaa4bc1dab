import { platform } from 'node:os'

/** What one process of a machine can listen on at a time, and is free when that process has ended. */
export type LockAddress = { path: string } | { host: string; port: number }

export const LOCK_ADDRESS: LockAddress = lockAddressOf(platform())

/** A Unix socket with a file would stay behind where its process is killed: only such without one are taken. */
export function lockAddressOf(system: NodeJS.Platform): LockAddress {
  if (system === 'linux') return { path: '\0provemark-run' }
  if (system === 'win32') return { path: String.raw`\\.\pipe\provemark-run` }
  return { host: '127.0.0.1', port: 47_211 }
}
