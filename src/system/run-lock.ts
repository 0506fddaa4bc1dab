import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvemarkError } from '../errors.ts'
import { z } from 'zod'

/** Pause before the next try if a holder ended between our attempt and our connection. */
const RETRY_MS = 50

export interface RunLockOptions {
  /** `wait` for the run that holds the machine, or `refuse` to start. */
  mode: 'wait' | 'refuse'
  /** Folder of the run, or of the sources that are built, shown to those who wait for it. */
  root: string
  /** Called once if another run has to end first. */
  onWait?: (holder: LockHolder | null) => void
  /** Called if this system offers no such lock; the run continues without one. */
  onUnavailable?: (why: string) => void
  address?: LockAddress
}

/**
 * Holds this machine for one run, since two runs would distort each other's figures, or at another address something
 * else; resolves to a function that releases it. The lock is an address that only one process can listen on. The
 * system frees it when that process ends, for whatever reason, so no stale lock is ever left. Containers with a
 * separate network do not see each other.
 * @throws ProvemarkError RUN_LOCKED in mode `refuse`
 */
export async function takeRunLock(options: RunLockOptions): Promise<() => void> {
  const { mode, root, onWait, onUnavailable, address = lockAddressOf(process.platform) } = options
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
async function listen(
  self: LockHolder,
  address: LockAddress,
  onUnavailable: RunLockOptions['onUnavailable'],
): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>()
  const server = createServer((socket) => {
    waiting.add(socket.once('close', () => waiting.delete(socket)))
    // Waiting runs are told who holds it. The connection stays open until we end, which is what they wait for.
    socket.on('error', () => socket.destroy()).unref()
    socket.write(`${JSON.stringify(self)}\n`)
  })
  try {
    await once(server.listen(address), 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') return undefined
    onUnavailable?.(message)
    return () => {}
  }
  // A connection that cannot be accepted does not end the lock.
  server.on('error', () => {})
  // The lock must not keep a process alive whose work is done.
  server.unref()
  return () => {
    server.close()
    for (const socket of waiting) socket.destroy()
  }
}

function refuse(holder: LockHolder | null): ProvemarkError {
  return new ProvemarkError('RUN_LOCKED', `another run is using this machine: ${describeHolder(holder)}`, {
    hint: 'wait for it (--lock wait), or run at the same time with --no-lock: both runs then have worse figures',
  })
}

/** Addresses that only one process of a machine can listen on, and that are free again when it has ended. */
export type LockAddress = { path: string } | { host: string; port: number }

/**
 * A Unix socket with a file would remain if its process is killed, so only sockets without one are used.
 * @param build name of what is built, for a lock that only those share who build the same
 */
export function lockAddressOf(system: NodeJS.Platform, build?: string): LockAddress {
  const name = build === undefined ? 'provemark-run' : `provemark-build-${build}`
  if (system === 'linux') return { path: `\0${name}` }
  if (system === 'win32') return { path: `\\\\.\\pipe\\${name}` }
  // There are too few ports to give each build its own.
  return { host: '127.0.0.1', port: build === undefined ? 47_211 : 47_212 }
}

/** Longest greeting that is read, and the timeout for it: the listener may not be a provemark run. */
const MAX_GREETING_BYTES = 4096
const GREETING_MS = 5000

const holderSchema = z.object({
  pid: z.number().int(),
  root: z.string(),
  since: z.string(),
})

/** The run that holds a machine. */
export type LockHolder = z.infer<typeof holderSchema>

/**
 * Asks who holds the machine and keeps the connection open: `holder` is null if it does not identify itself, and `gone`
 * if it ended before it was asked; `ended` resolves when it has ended or released the lock.
 */
async function watchHolder(address: LockAddress) {
  const socket = connect(address)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const { promise, resolve } = Promise.withResolvers<LockHolder | null | 'gone'>()
  const timer = setTimeout(resolve, GREETING_MS, null)
  // It is closed after an error, too.
  socket.on('error', () => {}).once('close', () => resolve('gone'))
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < MAX_GREETING_BYTES) text += chunk
    if (text.includes('\n') || text.length >= MAX_GREETING_BYTES) resolve(parseHolder(text))
  })
  const holder = await promise
  clearTimeout(timer)
  return { holder, ended }
}

function parseHolder(text: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(text.split('\n')[0]!))
  } catch {
    return null
  }
}
