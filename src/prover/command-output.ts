import type { Counters, Phase } from '../row/schema.ts'
import type { PhaseReport } from './contract.ts'
import { captureAll, type Captured } from './captured.ts'
import {
  patternOfName,
  plainText,
  readKeyValueCounters,
  readLastMegabytes,
  readLastSeconds,
  where,
} from './counters.ts'
import { endsAt, parseNumber } from './number.ts'

/**
 * How counters are found: by their names, as `key=value` anywhere in the output; by a pattern whose named groups are
 * counters, or whose two groups are a name and a value; or by a function of the output without its colours.
 */
export type CounterSource = readonly string[] | RegExp | ((text: string) => Counters | Promise<Counters>)

/** How a figure is found: by a pattern whose first group it is (the last match counts), or by a function. */
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

/** Undefined where the number goes on, or is none. */
function readFigureOf(text: string, { figure, end }: Captured): number | undefined {
  return end === undefined || endsAt(text, end) ? parseNumber(figure) : undefined
}

/** The counters that a source is known to look for; empty where only the output can tell. */
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

/** The lines that these sources look at, to be kept however long the output gets. */
export function linesOf(sources: readonly (CounterSource | FigureSource | undefined)[]): RegExp | undefined {
  const patterns = sources.flatMap((source) => {
    if (source instanceof RegExp) return [source.source.replaceAll(/\(\?<\w+>/g, '(?:')]
    const names = typeof source === 'function' ? [] : namesOf(source)
    return names.length ? [`(?:${names.map(patternOfName).join('|')})`] : []
  })
  return patterns.length ? new RegExp(patterns.join('|'), 'i') : undefined
}
