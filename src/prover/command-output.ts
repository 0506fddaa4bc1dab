import type { Counters, Phase } from '../row/schema.ts'
import type { PhaseReport } from './contract.ts'
import {
  captureAll,
  patternOfName,
  plainText,
  readKeyValueCounters,
  readLastMegabytes,
  readLastSeconds,
  where,
  type Captured,
} from './counters.ts'
import { endsAt, parseNumber } from './number.ts'

/**
 * How to find counters: by their names, as `key=value` anywhere in the output; by a pattern whose named groups are
 * counters, or whose two groups are a name and a value; or by a function of the output without its colours.
 */
export type CounterSource = readonly string[] | RegExp | ((text: string) => Counters | Promise<Counters>)

/** How to find a figure: by a pattern with the figure as first group (the last match counts), or by a function. */
export type FigureSource =
  | RegExp
  | ((text: string, phase: Phase) => number | undefined | Promise<number | undefined>)

/** Counters in the output of a compile. */
export async function readCounters(source: CounterSource, output: string): Promise<Counters> {
  if (typeof source === 'function') return source(plainText(output))
  if (!(source instanceof RegExp)) return readKeyValueCounters(output, source)
  const text = plainText(output)
  const counters: Counters = {}
  for (const { all, named } of captureAll(text, source)) {
    const [, name, value] = all
    for (const [key, captured] of Object.entries(named ?? (name ? { [name.text]: value } : {}))) {
      if (captured?.text) counters[key] = readFigureOf(text, captured) ?? Number.NaN
    }
  }
  return counters
}

/** Undefined if the number continues, or is not a number. */
function readFigureOf(text: string, { figure, end }: Captured): number | undefined {
  return end === undefined || endsAt(text, end) ? parseNumber(figure) : undefined
}

/** The names of the counters that a source looks for; empty if only the output can show them. */
export function namesOf(source: CounterSource | undefined): string[] {
  if (!source || typeof source === 'function') return []
  if (!(source instanceof RegExp)) return [...source]
  return [...source.source.matchAll(/\(\?<(\w+)>/g)].map(([, name]) => name!)
}

export async function readFigure(
  key: 'timeS' | 'memMb',
  source: FigureSource | undefined,
  output: string,
  phase: Phase,
): Promise<Pick<PhaseReport, 'timeS' | 'memMb'>> {
  if (!source) return {}
  const readLast = key === 'timeS' ? readLastSeconds : readLastMegabytes
  if (source instanceof RegExp) return where(key, readLast(output, source))
  return where(key, await source(plainText(output), phase))
}

/** The lines that these sources search, which are kept however long the output gets. */
export function linesOf(sources: readonly (CounterSource | FigureSource | undefined)[]): RegExp[] {
  return sources.flatMap((source) => {
    if (source instanceof RegExp) return source
    const names = typeof source === 'function' ? [] : namesOf(source)
    return names.length ? new RegExp(names.map(patternOfName).join('|'), 'i') : []
  })
}
