import { spawn, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { formatError } from '../errors.ts'
import { isSource } from '../lib/own-package.ts'
import { getOrAdd } from '../row/collections.ts'
import { findProgram, getProgram, type Program } from '../system/go/program.ts'
import { findLocalGo } from '../system/go/toolchain.ts'
import {
  FrameReader,
  type Frame,
  type EndedFrame,
  type MonitorRequest,
  type PagesRequest,
} from './monitor-protocol.ts'

/** The path of the monitor, or why figures are taken without it. */
export type FoundMonitor = (Program & { args: string[] }) | { missing: string }

const PROGRAM = 'provemark-monitor'

/**
 * `off` runs without the monitor, `no-cgroup` without cgroups: for sandboxes that forbid them, or users who do not
 * want them.
 */
const SWITCH = 'PROVEMARK_MEASURE'

const found = new Map<string, Promise<FoundMonitor>>()

/**
 * Finds the monitor, prebuilt or built, or builds it if this machine has Go; nothing is downloaded for it. Linux only.
 * The result is cached for the life of this process.
 * @param build false: only look
 */
export function findMonitor(build = true): Promise<FoundMonitor> {
  const mode = process.env[SWITCH] ?? ''
  return getOrAdd(found, `${mode} ${build}`, () => search(mode, build))
}

async function search(mode: string, build: boolean): Promise<FoundMonitor> {
  if (mode === 'off') return { missing: `${SWITCH}=off` }
  if (process.platform !== 'linux')
    return { missing: `the monitor runs on Linux, this is ${process.platform}` }
  const args = mode === 'no-cgroup' ? ['--no-cgroup'] : []
  try {
    const program = await findProgram(PROGRAM)
    if (!('missing' in program)) return { ...program, args }
    const hasGo = (await findLocalGo()) !== undefined
    if (hasGo && !build) return { missing: 'not built yet: the first run builds it' }
    if (hasGo) return { ...(await getProgram(PROGRAM)), args }
    const reason = isSource ? '' : `${program.missing}, and `
    return { missing: `${reason}there is no Go 1.24 or newer to build the monitor with` }
  } catch (error) {
    return { missing: formatError(error) }
  }
}

/** Enough of a dying monitor's last output. */
const STDERR_LENGTH = 4096

interface CurrentRun extends PromiseWithResolvers<EndedFrame> {
  onFrame: (frame: Frame) => void
}

/**
 * One monitor process that serves one run after another, since starting a new one takes time. While idle it does not
 * keep our process alive. When our process ends, its input closes and it ends too.
 */
export class MonitorClient {
  readonly #child: ChildProcess
  readonly #frames = new FrameReader()
  #current: CurrentRun | undefined
  #stderr = ''
  #dead: Error | undefined

  /** @param command path of the monitor, or of another program that starts it */
  constructor([file, ...args]: readonly string[]) {
    // A separate session: we handle Ctrl+C on the terminal and pass it on to the monitor.
    const env = args.length ? process.env : {}
    this.#child = spawn(file!, args, { cwd: '/', env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout!.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_LENGTH)
    })
    this.#child.stdin!.on('error', () => {
      // The 'exit' event reports that it has ended.
    })
    this.#child.on('error', (error) => this.#die(error))
    this.#child.on('exit', (code, signal) =>
      this.#die(new Error(`the monitor ended with ${signal ?? `exit code ${code}`}: ${this.#stderr.trim()}`)),
    )
    this.#setHolding(false)
  }

  get alive(): boolean {
    return this.#dead === undefined
  }

  /** Runs one process until its whole tree has ended. Rejects if the monitor itself is lost. */
  async run(
    request: MonitorRequest | PagesRequest,
    onFrame: (frame: Frame) => void = () => {},
  ): Promise<EndedFrame> {
    if (this.#dead) throw this.#dead
    this.#current = { ...Promise.withResolvers<EndedFrame>(), onFrame }
    this.#setHolding(true)
    this.#send(request)
    return this.#current.promise
  }

  /** Asks the monitor to end the current run. */
  end(cause: 'cancelled'): void {
    this.#send({ end: cause })
  }

  #send(message: MonitorRequest | PagesRequest | { end: string }): void {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`)
  }

  #receive(chunk: Buffer): void {
    if (this.#dead) return
    for (const frame of this.#readFrames(chunk)) {
      this.#current?.onFrame(frame)
      if (frame.kind === 'ended') this.#takeCurrent()?.resolve(frame.ended)
    }
  }

  /** Undefined if the stream does not come from the monitor, which is then ended. */
  #readFrames(chunk: Buffer): Frame[] {
    try {
      return this.#frames.read(chunk)
    } catch (error) {
      this.#die(error as Error)
      // It ends with its tree when its input closes.
      this.#child.stdin!.destroy()
      return []
    }
  }

  #die(error: Error): void {
    this.#dead ??= error
    this.#takeCurrent()?.reject(this.#dead)
  }

  #takeCurrent(): CurrentRun | undefined {
    const current = this.#current
    this.#current = undefined
    this.#setHolding(false)
    return current
  }

  /** Whether our process has to stay alive for this one. */
  #setHolding(hold: boolean): void {
    const { stdin, stdout, stderr } = this.#child
    for (const handle of [this.#child, stdin as Socket, stdout as Socket, stderr as Socket]) {
      if (hold) handle.ref()
      else handle.unref()
    }
  }
}
