import { spawn, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { FrameReader, type Frame, type EndedFrame, type MonitorRequest } from './monitor-protocol.ts'

/** Enough of what a dying monitor says. */
const STDERR_LENGTH = 4096

interface CurrentRun {
  onFrame: (frame: Frame) => void
  resolve: (ended: EndedFrame) => void
  reject: (error: Error) => void
}

/**
 * One monitor process, which serves one run after the other: a new one for each run would cost its start each time.
 * While it is idle it does not keep our process alive; when our process ends, its input closes and it goes too.
 */
export class MonitorClient {
  readonly #child: ChildProcess
  readonly #frames = new FrameReader()
  #current: CurrentRun | undefined
  #stderr = ''
  #dead: Error | undefined

  /** @param command the monitor's path, or another program that starts it */
  constructor([file, ...args]: readonly string[]) {
    // A session of its own: Ctrl+C on the terminal is ours to handle, and it reaches a monitor through us.
    const env = args.length ? process.env : {}
    this.#child = spawn(file!, args, { cwd: '/', env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout!.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_LENGTH)
    })
    this.#child.stdin!.on('error', () => {
      // It has ended: 'exit' says so.
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

  /** Runs one process to the end of its tree. Rejects where the monitor itself is lost. */
  run(request: MonitorRequest, onFrame: (frame: Frame) => void): Promise<EndedFrame> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(this.#dead)
      this.#current = { onFrame, resolve, reject }
      this.#setHolding(true)
      this.#send(request)
    })
  }

  /** Asks for the end of the current run. */
  end(cause: 'cancelled'): void {
    this.#send({ end: cause })
  }

  #send(message: MonitorRequest | { end: string }): void {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`)
  }

  #receive(chunk: Buffer): void {
    if (this.#dead) return
    for (const frame of this.#readFrames(chunk)) {
      this.#current?.onFrame(frame)
      if (frame.kind === 'ended') this.#takeCurrent()?.resolve(frame.ended)
    }
  }

  /** None, and the end of this monitor, where the stream is not its own. */
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
