import { WarmProver } from './warm-prover.ts'

/** What stays loaded between the iterations of a point. */
export class Session {
  readonly warm = new WarmProver()

  /** Ends every process of it. */
  async close(): Promise<void> {
    await this.warm.close()
  }
}
