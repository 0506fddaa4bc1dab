import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvemarkError } from '../errors.ts'
import { greet, type LockHolder, watchHolder, LOCK_ADDRESS, type LockAddress } from './run-lock-holder.ts'

export type { LockHolder } from './run-lock-holder.ts'

/** Pause before the next try if a holder ended between our attempt and our connection. */
const RETRY_MS = 50

export interface RunLockOptions {
  /** `wait` for the run that holds the machine, or `refuse` to start. */
  mode: 'wait' | 'refuse'
  /** Folder of the run, shown to those who wait for it. */
  root: string
  /** Called once if another run has to end first. */
  onWait?: (holder: LockHolder | null) => void
  /** Called if this system offers no such lock; the run continues without one. */
  onUnavailable?: (why: string) => void
  address?: LockAddress
}

/**
 * Holds this machine for one run, since two runs would distort each other's figures; resolves to a function that
 * releases it. The lock is an address that only one process can listen on. The system frees it when that process
 * ends, for whatever reason, so no stale lock is ever left. Containers with a separate network do not see each other.
 * @throws ProvemarkError RUN_LOCKED in mode `refuse`
 */
export async function takeRunLock(options: RunLockOptions): Promise<() => void> {
  const { mode, root, onWait, onUnavailable, address = LOCK_ADDRESS } = options
  const self: LockHolder = { pid: process.pid, root, since: new Date().toISOString() }
  for (let told = false; ;) {
    const release = await listen(self, address, onUnavailable)
    if (release) return release
    const { holder, ended } = await watchHolder(address)
    if (mode === 'refuse' && holder !== 'gone') throw refuse(holder)
    if (!told && holder !== 'gone') onWait?.(holder)
    told ||= holder !== 'gone'
    await ended
    if (holder === 'gone') await sleep(RETRY_MS)
  }
}

/** The holder of the machine, in words. */
export function describeHolder(holder: LockHolder | null): string {
  return holder
    ? `process ${holder.pid} in ${holder.root}, since ${holder.since}`
    : 'a process that does not name itself'
}

/** Undefined if another process listens there. */
function listen(
  self: LockHolder,
  address: LockAddress,
  onUnavailable: RunLockOptions['onUnavailable'],
): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>()
  const server = createServer((socket) => {
    waiting.add(socket.once('close', () => waiting.delete(socket)))
    greet(socket, self)
  })
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return resolve(undefined)
      onUnavailable?.(error.message)
      resolve(() => {})
    })
    server.listen(address, () => {
      // The lock must not keep a process alive whose work is done.
      server.unref()
      resolve(() => {
        server.close()
        for (const socket of waiting) socket.destroy()
      })
    })
  })
}

function refuse(holder: LockHolder | null): ProvemarkError {
  return new ProvemarkError('RUN_LOCKED', `another run holds this machine: ${describeHolder(holder)}`, {
    hint: 'wait for it (--lock wait), or run beside it with --no-lock: both runs then show worse figures',
  })
}
