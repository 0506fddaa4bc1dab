/**
 * The process in which onnxruntime runs untrusted models. They run in a thread. The main thread stays free to notice
 * that the process that wants the results is gone, and to end this one, whatever the thread is doing.
 */
import { writeFileSync } from 'node:fs'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { runModel, type ModelRun, type RunOutput } from './run-model.ts'

/** Including the memory that the process keeps, bytes. */
export type Reply = { rss: number } & ({ outputs: RunOutput[] } | Refusal)

export interface Refusal {
  error: string
  /** Whether onnxruntime itself broke on the model instead of reporting an error. */
  crashed: boolean
}

if (isMainThread) supervise()
else serve()

function supervise(): void {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  dieFirst()
  const thread = new Worker(new URL(import.meta.url), { execArgv: [] })
  process.on('message', (run) => thread.postMessage(run))
  thread.on('message', (reply) => process.send!(reply))
  // Whatever ends the thread, the runtime cannot be trusted with another model afterwards.
  thread.on('error', (error) => {
    process.send!({ rss: 0, ...refuse(error) } satisfies Reply, () => process.exit(1))
  })
  thread.on('exit', () => process.exit(1))
}

function serve(): void {
  parentPort!.on('message', async (run: ModelRun) => {
    parentPort!.postMessage(await answer(run))
  })
}

async function answer(run: ModelRun): Promise<Reply> {
  const answered = await runModel(run).then((outputs) => ({ outputs }), refuse)
  return { rss: process.memoryUsage.rss(), ...answered }
}

function refuse(error: unknown): Refusal {
  // Emscripten also throws numbers.
  if (!(error instanceof Error)) return { error: `it threw ${String(error)}`, crashed: true }
  return { error: error.message || error.name, crashed: error.name === 'RuntimeError' }
}

/** If memory runs out, the kernel kills this process before a prover or Vitest. */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Not Linux.
  }
}
