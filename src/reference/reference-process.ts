import { fork, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { moduleUrl } from '../lib/own-package.ts'
import type { Reply } from './process.ts'
import type { ModelRun } from './run-model.ts'

const PAGES_PER_MB = 16
const STDERR_LENGTH = 2000

/** One process with onnxruntime. It does not keep our process alive and does not outlive it. */
export class ReferenceProcess {
  readonly #child: ChildProcess
  readonly #gone: Promise<string>
  #stderr = ''

  /** @param memoryMb limit for WebAssembly, enforced by V8 */
  constructor(memoryMb: number) {
    this.#child = fork(fileURLToPath(moduleUrl('reference/process')), {
      execArgv: [`--wasm-max-mem-pages=${memoryMb * PAGES_PER_MB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A separate session: Ctrl+C goes to Vitest, which ends this process.
      detached: true,
    })
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_LENGTH)
    })
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('exit', (code, signal) =>
        resolve(`its process ended with ${signal ?? `exit code ${code}`} ${this.#stderr}`),
      )
    })
    this.#hold(false)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * @returns the reply of the process
   * @throws Error if it does not reply: at a limit, a crash or an abort it is ended
   */
  async run(run: ModelRun, timeoutMs: number, signal: AbortSignal | undefined): Promise<Reply> {
    let cause: string | undefined
    const end = (why: string) => {
      cause ??= why
      this.#child.kill('SIGKILL')
    }
    const onAbort = () => end('it was cancelled')
    const timer = setTimeout(() => end(`onnxruntime took longer than ${timeoutMs / 1000} s`), timeoutMs)
    signal?.addEventListener('abort', onAbort)
    this.#hold(true)
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#child.once('message', resolve)
        void this.#gone.then((how) => reject(new Error(cause ?? `onnxruntime crashed: ${how}`)))
        this.#child.send(run, (error) => error && end(`onnxruntime was not reached: ${error.message}`))
      })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#child.removeAllListeners('message')
      this.#hold(false)
    }
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    this.#hold(true)
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  /** Whether our own process waits for this one before it ends. */
  #hold(isNeeded: boolean): void {
    const method = isNeeded ? 'ref' : 'unref'
    this.#child[method]()
    this.#child.channel?.[method]()
    ;(this.#child.stderr as Socket)[method]()
  }
}
