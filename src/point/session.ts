import { ServiceProver } from './service-prover.ts'
import { WarmProver } from './warm-prover.ts'

/** What stays loaded between the iterations of a point. */
export class Session {
  readonly warm = new WarmProver()
  readonly service = new ServiceProver()

  /** Ends all of its processes. */
  async close(): Promise<void> {
    await this.warm.close()
    await this.service.close()
  }
}
