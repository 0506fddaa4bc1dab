const LETTER_PX = 6.6
const GAP_PX = 14
/** The most that names may take of a plot's width. */
const MAX_PART = 0.45

/** Room on the left for names that stand one to a line, and the scale's options that keep them within it. */
export function nameRows(names: readonly string[], width: number) {
  const longest = Math.max(...names.map(({ length }) => length))
  const marginLeft = Math.min(longest * LETTER_PX + GAP_PX, width * MAX_PART)
  const letters = Math.floor((marginLeft - GAP_PX) / LETTER_PX)
  return {
    marginLeft,
    y: {
      type: 'band',
      domain: names,
      label: null,
      tickSize: 0,
      tickFormat: (name: string) => shorten(name, letters),
    },
  } as const
}

/** The start and the end of a name that is too long: the middle is what names have most alike. */
export function shorten(name: string, letters: number): string {
  if (name.length <= letters) return name
  const kept = Math.max(2, letters - 1)
  return `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(-Math.floor(kept / 2))}`
}
