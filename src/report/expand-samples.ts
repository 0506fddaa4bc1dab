import type { Row } from '../row/schema.ts'

/** The repetitions that a row stands for: a baseline's row holds all of a phase in `samples`, any other is its own. */
export function expandSamples(row: Row): readonly Row[] {
  if (!row.samples) return [row]
  const { samples, ...single } = row
  const count = Math.max(1, ...Object.values(samples).map(({ length }) => length))
  return Array.from({ length: count }, (_, i) => {
    const values = Object.entries(samples).map(([metric, own]) => [metric, own[i] ?? null])
    return { ...single, ...Object.fromEntries(values) } as Row
  })
}
