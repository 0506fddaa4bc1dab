import type { Counters, Phase } from '../row/schema.ts'
import type { PhaseReport } from './contract.ts'
import { plainText, readKeyValueCounters, readLastNumber, where } from './counters.ts'

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
  const everywhere = new RegExp(source.source, source.flags.includes('g') ? source.flags : `${source.flags}g`)
  const counters: Counters = {}
  for (const match of plainText(output).matchAll(everywhere)) {
    const found = match.groups ?? (match[1] === undefined ? {} : { [match[1]]: match[2] })
    for (const [name, digits] of Object.entries(found)) {
      const value = Number(digits?.replaceAll(/[,_]/g, ''))
      if (digits && Number.isFinite(value)) counters[name] = value
    }
  }
  return counters
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
  if (source instanceof RegExp) return where(key, readLastNumber(output, source))
  return where(key, await source(plainText(output), phase))
}

/** The lines that these sources look at, to be kept however long the output gets. */
export function linesOf(sources: readonly (CounterSource | FigureSource | undefined)[]): RegExp | undefined {
  const patterns = sources.flatMap((source) => {
    if (source instanceof RegExp) return [source.source.replaceAll(/\(\?<\w+>/g, '(?:')]
    const names = typeof source === 'function' ? [] : namesOf(source)
    return names.length ? [`(?:${names.map((name) => RegExp.escape(name)).join('|')})`] : []
  })
  return patterns.length ? new RegExp(patterns.join('|'), 'i') : undefined
}
