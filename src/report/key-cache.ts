import { getOrAdd } from '../row/get-or-add.ts'
import { readClock } from '../row/outcome.ts'
import { pointKey } from '../row/point-key.ts'
import type { Row } from '../row/schema.ts'

/** Identity of a row's point, prover and clock. The canonical key is made once for rows that are written alike. */
export class KeyCache {
  readonly #keys = new Map<string, string>()

  keyOf(row: Row): string {
    const { track, params, model, param_count, prover, side } = row
    const clock = readClock(row)
    const raw = JSON.stringify([clock, track, params ?? [model, param_count], prover?.name, side])
    return getOrAdd(this.#keys, raw, () => `${clock} ${pointKey(row)}`)
  }
}
