import { listSome } from '../lib/names.ts'
import { type Budget, formatBudget } from './options.ts'
import type { Pair } from './pair.ts'
import { fits, type Gate } from './select.ts'
import { numbersOf, okCount, type Series } from '../row/series.ts'

/** What a reader of the verdicts should know, each note once. */
export function writeNotes(
  gates: readonly Gate[],
  pairs: readonly Pair[],
  unmeasured: readonly Series[],
): string[] {
  return [
    ...noteConditions(gates),
    ...noteVersions(pairs),
    ...noteUnmeasured(unmeasured),
    ...noteSameSamples(gates),
  ]
}

/** Why a budget judges nothing, for example because its track is not part of this run. Null if it should have. */
export function noteUnused(budget: Budget, now: readonly Series[]): string | null {
  const candidates = now.filter((series) => fits(budget, series))
  if (candidates.some((series) => okCount(series) > 0)) return null
  const why = candidates.length
    ? 'no row that it applies to succeeded'
    : 'this run measured nothing that it applies to'
  return `budget ${formatBudget(budget)} was not judged: ${why}`
}

function noteConditions(gates: readonly Gate[]): string[] {
  const texts = gates.flatMap(({ conditions, budget }) => {
    if (!conditions || conditions.differ.length || budget?.limit.kind !== 'relative') return []
    const { unknown, onlyBaseline, onlyNow } = conditions
    return [
      ...(unknown.length ? [`neither side recorded ${unknown.join(', ')}`] : []),
      ...(onlyBaseline.length ? [`only the baseline recorded ${onlyBaseline.join(', ')}`] : []),
      ...(onlyNow.length ? [`only this run recorded ${onlyNow.join(', ')}`] : []),
    ]
  })
  return [...Map.groupBy(texts, (text) => text)].map(
    ([text, { length }]) => `${text}: judged anyway (${length} ${length === 1 ? 'figure' : 'figures'})`,
  )
}

function noteVersions(pairs: readonly Pair[]): string[] {
  const texts = pairs.flatMap(({ now, base }) => {
    if (!base || now.prover !== base.prover) return []
    const [before, after] = [[...base.versions].join(', '), [...now.versions].join(', ')]
    return before && after && before !== after
      ? [`${now.prover} is ${after} now, ${before} in the baseline`]
      : []
  })
  return [...new Set(texts)]
}

function noteUnmeasured(unmeasured: readonly Series[]): string[] {
  const points = [...new Set(unmeasured.map(({ point, phase }) => `${point} ${phase}`))]
  return points.length ? [`in the baseline and not measured now: ${listSome(points)}`] : []
}

function noteSameSamples(gates: readonly Gate[]): string[] {
  const noisy = gates.filter(({ kind, pair }) => kind === 'noisy' && pair.base)
  const isSame = ({ pair, metric }: Gate) => {
    const [before, after] = [numbersOf(pair.base, metric), numbersOf(pair.now, metric)]
    return (
      before.length > 0 &&
      before.length === after.length &&
      after.every((value, i) => isSameFigure(value, before[i]!))
    )
  }
  return noisy.length && noisy.every(isSame)
    ? ['the baseline was made from this run itself, so nothing can differ']
    : []
}

// A baseline rounds to six digits.
const isSameFigure = (a: number, b: number) => Math.abs(a - b) <= 1e-5 * Math.abs(b)
