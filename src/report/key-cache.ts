import { getOrAdd } from '../row/collections.ts'
import { readClock } from '../row/outcome.ts'
import { pointKey } from '../row/point-key.ts'
import type { Row } from '../row/schema.ts'

/** Identity of a row's point, prover and clock, as one text for all rows that share it. */
export class KeyCache {
  readonly #keys = { wall: new Map<string, string>(), prover: new Map<string, string>() }

  keyOf(row: Row): string {
    const clock = readClock(row)
    const key = pointKey(row)
    return getOrAdd(this.#keys[clock], key, () => `${clock} ${key}`)
  }
}
