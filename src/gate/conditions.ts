import { CLOCK, type Conditions, MACHINE_MEMORY, MEMORY_SOURCE, PROVER } from '../row/identity.ts'
import { isMemory, isTime } from '../row/metrics.ts'

/** Machines of the same type report slightly different sizes because their kernels reserve different amounts. */
const MEMORY_TOLERANCE = 0.02

export interface Comparison {
  /** The differences, in words: `threads: 4 in the baseline, 8 now`. */
  differ: string[]
  /** Names recorded only in the baseline, or only in the current rows. */
  onlyBaseline: string[]
  onlyNow: string[]
  /** Names that every comparison needs but neither side recorded. */
  unknown: string[]
}

/** What two rows must share for their times to be comparable, with any prover and any settings. */
const EXPECTED = ['CPU', 'cores', MACHINE_MEMORY, 'setting threads', 'security bits', PROVER]

/** What two sides of a comparison are meant to differ in, so it does not make them incomparable. */
const CHOSEN = (name: string) => name === PROVER || /^(?:setting|security) /.test(name)

/**
 * Whether times or memory of the two sides are comparable. `chosen` ignores what differs on purpose when a user
 * compares two provers or settings.
 */
export function compareConditions(
  metric: string,
  base: Conditions,
  now: Conditions,
  { chosen = false } = {},
): Comparison {
  const result: Comparison = { differ: [], onlyBaseline: [], onlyNow: [], unknown: [] }
  for (const name of new Set([...EXPECTED, ...base.keys(), ...now.keys()])) {
    if (name === CLOCK && !isTime(metric)) continue
    if (name === MEMORY_SOURCE && !isMemory(metric)) continue
    if (chosen && CHOSEN(name)) continue
    const [before, after] = [base.get(name), now.get(name)]
    const label = name.replace(/^setting /, '')
    if (before && after) {
      if (!overlap(name, before, after))
        result.differ.push(`${label}: ${list(before)} in the baseline, ${list(after)} now`)
    } else if (before) result.onlyBaseline.push(label)
    else if (after) result.onlyNow.push(label)
    else result.unknown.push(label)
  }
  return result
}

function overlap(name: string, before: Set<string | number>, after: Set<string | number>): boolean {
  if (name !== MACHINE_MEMORY) return [...before].some((value) => after.has(value))
  return [...before].some((a) =>
    [...after].some((b) => Math.abs(Number(a) - Number(b)) <= MEMORY_TOLERANCE * Number(a)),
  )
}

const list = (values: Set<string | number>) => [...values].join(' and ')
