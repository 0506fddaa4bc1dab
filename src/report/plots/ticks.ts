/** Margin beyond the first and the last value of a logarithmic scale, as a factor. */
const MARGIN = 1.12
const MAX_TICKS = 7

/** Options of a logarithmic scale for these values: its ends just beyond them, with round, labelled ticks. */
export function logScale(values: readonly number[], formatTick: (value: number) => string = formatShort) {
  const shown = values.filter((value) => value > 0)
  if (shown.length === 0)
    return { type: 'log', domain: [1, 10], ticks: [1, 10], tickFormat: formatTick } as const
  const domain: [number, number] = [Math.min(...shown) / MARGIN, Math.max(...shown) * MARGIN]
  return { type: 'log', domain, ticks: pickTicks(...domain), tickFormat: formatTick } as const
}

const STEPS = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9],
]

/** The finest set of round numbers that fits: d3's logarithmic scale has 20 ticks for two decades and 40 for four. */
function pickTicks(least: number, most: number): number[] {
  const decades = range(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)))
  const sets = STEPS.map((steps) =>
    decades
      .flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
      .filter((tick) => tick >= least && tick <= most),
  )
  const fitting = sets.findLast((set) => set.length <= MAX_TICKS && set.length > 1)
  // Either there are so many decades that only some get a tick, or the range is so narrow that it has no round number.
  return fitting ?? (sets[0]!.length > MAX_TICKS ? thin(sets[0]!) : divide(least, most))
}

function thin(ticks: readonly number[]): number[] {
  const every = Math.ceil(ticks.length / MAX_TICKS)
  return ticks.filter((_, i) => i % every === 0)
}

function divide(least: number, most: number): number[] {
  return [0.15, 0.5, 0.85].map((part) => Number((least + part * (most - least)).toPrecision(3)))
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

const RATIO_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
const MAX_RATIO_TICKS = 4

/** Ratios around 1 that are round as percentages. Only a few, because their labels are long. */
export function pickRatioTicks([least, most]: readonly [number, number]): number[] {
  for (const step of RATIO_STEPS) {
    const [from, to] = [Math.ceil((least - 1) / step), Math.floor((most - 1) / step)]
    if (to - from < MAX_RATIO_TICKS) return range(from, to).map((i) => Number((1 + i * step).toFixed(4)))
  }
  return pickTicks(least, most)
}

/** `+20 %`, `±0 %`, `×3`. */
export function formatRatioTick(ratio: number): string {
  if (ratio >= 2 || ratio <= 0.1) return `×${formatShort(ratio)}`
  const percent = Math.round(100 * (ratio - 1))
  return `${percent < 0 ? '−' : percent > 0 ? '+' : '±'}${Math.abs(percent)} %`
}

const SUFFIXES: [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
]

/** `0.002`, `150`, `20k`, `1.5M`. */
export function formatShort(value: number): string {
  const [size, suffix] = SUFFIXES.find(([least]) => Math.abs(value) >= least) ?? [1, '']
  return `${Number((value / size).toPrecision(4))}${suffix}`
}
