import { addAll, getOrAdd } from './collections.ts'
import type { Cloned } from './fold/cloned.ts'
import { eachFigure, type MetricName } from './metrics.ts'
import { Samples } from './samples.ts'
import type { Row } from './schema.ts'

/** The iterations of every number, and the different values of every digest, by metric. */
export interface Figures {
  numbers: Map<MetricName, Samples>
  digests: Map<MetricName, Set<string>>
}

/** Adds the figures of a row. */
export function addFigures({ numbers, digests }: Figures, row: Row): void {
  eachFigure(
    row,
    (name, value) => getOrAdd(numbers, name, startSamples).push(value),
    (name, value) => getOrAdd(digests, name, startSet).add(value),
  )
}

/** Adds what was found out of later rows. */
export function mergeFigures({ numbers, digests }: Figures, later: Cloned<Figures>): void {
  for (const [name, samples] of later.numbers) getOrAdd(numbers, name, startSamples).append(samples)
  for (const [name, values] of later.digests) addAll(getOrAdd(digests, name, startSet), values)
}

const startSamples = () => new Samples()
const startSet = () => new Set<string>()
