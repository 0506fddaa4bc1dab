import { isSameJson, rememberLast } from '../row/json.ts'
import { isMemory, isTime } from '../row/metrics.ts'
import type { Row } from '../row/schema.ts'

/** What times and memory depend on apart from the prover's code: the conditions a series was measured under. */
export type Conditions = Map<string, Set<string | number>>

/** Settings that mean something when unset: the prover's own choice, or no limit. */
const UNSET: Record<string, string> = {
  threads: "the prover's own choice",
  memory_limit_mb: 'none',
  launcher: 'none',
}

const CLOCK = 'clock'
const MEMORY_SOURCE = 'memory measurement'
const MACHINE_MEMORY = 'memory of the machine (MB)'
const PROVER = 'prover'
/** Machines of the same type report slightly different sizes because their kernels reserve different amounts. */
const MEMORY_TOLERANCE = 0.02

/** Conditions of a row, without those that it did not record. */
export const readConditions = rememberLast(listConditions, isMeasuredAlike)

/** Never true for rows whose conditions differ. */
function isMeasuredAlike(a: Row, b: Row): boolean {
  return (
    a.mem_source === b.mem_source &&
    a.time_source === b.time_source &&
    a.prover?.name === b.prover?.name &&
    isSameJson(a.machine, b.machine) &&
    isSameJson(a.settings, b.settings) &&
    isSameJson(a.security, b.security)
  )
}

function listConditions(row: Row): [string, string | number][] {
  const { machine, settings, security, prover, mem_source } = row
  const found: [string, unknown][] = [
    ['CPU', machine?.cpu],
    ['cores', machine?.cores],
    [MACHINE_MEMORY, machine?.mem_mb],
    ['memory limit of its container (MB)', machine && (machine.mem_limit_mb ?? 'none')],
    ...Object.entries(settings ? { ...UNSET, ...settings } : {})
      .filter(([name]) => name !== 'sampling')
      .map(([name, value]): [string, unknown] => [`setting ${name}`, value]),
    ...Object.entries(security ?? {}).map(([name, value]): [string, unknown] => [`security ${name}`, value]),
    [PROVER, prover?.name],
    [CLOCK, row.time_source === 'wall' ? 'wall clock' : "the prover's own time"],
    [MEMORY_SOURCE, mem_source],
  ]
  return found.flatMap(([name, value]): [string, string | number][] => {
    if (value == null) return []
    return [[name, typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}

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
