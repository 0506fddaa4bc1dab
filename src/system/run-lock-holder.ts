import { connect, type Socket } from 'node:net'
import { platform } from 'node:os'
import { z } from 'zod'

/** Addresses that only one process of a machine can listen on, and that are free again when it has ended. */
export type LockAddress = { path: string } | { host: string; port: number }

export const LOCK_ADDRESS: LockAddress = lockAddressOf(platform())

/** A Unix socket with a file would remain if its process is killed, so only sockets without one are used. */
export function lockAddressOf(system: NodeJS.Platform): LockAddress {
  if (system === 'linux') return { path: '\0provemark-run' }
  if (system === 'win32') return { path: String.raw`\\.\pipe\provemark-run` }
  return { host: '127.0.0.1', port: 47_211 }
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

export interface WatchedHolder {
  /** Null if it does not say who it is; `gone` if it ended before it was asked. */
  holder: LockHolder | null | 'gone'
  /** Resolves when it has ended or released the lock. */
  ended: Promise<void>
}

/**
 * Sends waiting runs the identity of the holder. The connection stays open until we end, which is what they wait for.
 */
export function greet(socket: Socket, self: LockHolder): void {
  socket.on('error', () => socket.destroy())
  socket.unref()
  socket.write(`${JSON.stringify(self)}\n`)
}

/** Asks who holds the machine and keeps the connection open. */
export async function watchHolder(address: LockAddress): Promise<WatchedHolder> {
  const socket = connect(address)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const holder = await new Promise<WatchedHolder['holder']>((resolve) => {
    let text = ''
    const timer = setTimeout(resolve, GREETING_MS, null)
    const answer = (found: WatchedHolder['holder']) => {
      clearTimeout(timer)
      resolve(found)
    }
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < MAX_GREETING_BYTES) text += chunk
      if (text.includes('\n') || text.length >= MAX_GREETING_BYTES) answer(parseHolder(text))
    })
    socket.once('error', () => answer('gone'))
    socket.once('close', () => answer('gone'))
  })
  return { holder, ended }
}

function parseHolder(text: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(text.split('\n')[0]!))
  } catch {
    return null
  }
}
