import { Worker } from 'node:worker_threads'
import { moduleUrl } from '../../module-url.ts'
import type { Part } from '../lines.ts'
import type { FixedSelection } from '../runs.ts'
import type { Cloned } from './cloned.ts'
import type { Collector } from './collector.ts'

/** What a thread is to sum up, and how. */
export interface PartJob {
  kind: Collector<unknown>['kind']
  file: string
  part: Part
  selection: FixedSelection
}

/** Sums up a part of a file in a thread of its own. */
export class PartWorker<Own> {
  /**
   * What the part gives; null where the thread cannot tell, and the part has to be read here: a line of it is no row,
   * or there is no memory for one more thread.
   */
  readonly result: Promise<Cloned<Own> | null>
  readonly #worker: Worker

  constructor(job: PartJob) {
    const worker = new Worker(moduleUrl('fold-worker'), { workerData: job })
    this.result = new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code?.startsWith('ERR_WORKER_')) resolve(null)
        else reject(error)
      })
      worker.once('exit', () =>
        reject(new Error(`the thread that read ${job.file} ended before it was done`)),
      )
    })
    // Who stops early does not ask for it.
    this.result.catch(() => {})
    this.#worker = worker
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
