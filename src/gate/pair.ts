import type { Series } from './series.ts'

/** A series of now with what it is judged against. */
export interface Pair {
  now: Series
  /** Null where the baseline has nothing of this point. */
  base: Series | null
}

export interface Pairing {
  pairs: Pair[]
  /** Series of the baseline that were not measured now. */
  unmeasured: Series[]
}

/**
 * Finds for each series its like in the baseline: the same point, prover and phase at the same settings, else the
 * only one there is at other settings, else the only one of another prover. The two last are compared as far as
 * their conditions allow. Of several machines in a baseline the series' own is taken, else the last.
 */
export function pairSeries(now: readonly Series[], base: readonly Series[]): Pairing {
  const byKey = Map.groupBy(base, ({ key }) => key)
  const byPlace = Map.groupBy(base, ({ place }) => place)
  const pairs = now.map((own): Pair => {
    const same = byKey.get(own.key) ?? []
    const others = same.length ? same : (byPlace.get(own.place) ?? [])
    const alike = same.filter(({ settingsKey }) => settingsKey === own.settingsKey)
    const isOnly = new Set(others.map(({ owner }) => owner)).size === 1
    const candidates = alike.length || !isOnly ? alike : others
    const onSameBench = candidates.find(({ bench }) => bench === own.bench)
    return { now: own, base: onSameBench ?? candidates.at(-1) ?? null }
  })
  const used = new Set(pairs.map((pair) => pair.base))
  const places = new Set(now.map(({ place }) => place))
  return { pairs, unmeasured: base.filter((own) => !used.has(own) && !places.has(own.place)) }
}

/** For the two sides of a comparison: the same point and phase, whatever prover and settings. */
export function pairSides(now: readonly Series[], base: readonly Series[]): Pairing {
  const byPlace = new Map(base.map((own) => [own.place, own]))
  const pairs = now.map((own) => ({ now: own, base: byPlace.get(own.place) ?? null }))
  const places = new Set(now.map(({ place }) => place))
  return { pairs, unmeasured: base.filter(({ place }) => !places.has(place)) }
}
