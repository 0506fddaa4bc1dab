/** The text captured by a group, with the rest of the figure that contains it. */
export interface Captured {
  text: string
  /** The whole figure. A pattern made for `0.25` matches the 25 of `0,25`, and `(\d+)` matches the 2 of `2^20`. */
  figure: string
  /** End of the figure in the output; undefined if the pattern itself determines what follows it. */
  end: number | undefined
}

/** The groups of one match of a pattern: by number, 0 being the whole match, and by name. */
export interface CapturedGroups {
  all: (Captured | undefined)[]
  named: Record<string, Captured | undefined> | undefined
}

export function* captureAll(output: string, pattern: RegExp): Generator<CapturedGroups> {
  const flags = [...new Set(`${pattern.flags}gd`)].join('')
  for (const match of output.matchAll(new RegExp(pattern.source, flags))) {
    const take = (span: [number, number] | undefined) =>
      span && capture(output, span, match.index + match[0].length)
    const { groups } = match.indices!
    yield {
      all: match.indices!.map(take),
      named: groups && Object.fromEntries(Object.entries(groups).map(([name, span]) => [name, take(span)])),
    }
  }
}

function capture(output: string, [start, end]: [number, number], matchEnd: number): Captured {
  const text = output.slice(start, end)
  const before = startsWithDigit(text)
    ? digitsBefore(output.slice(Math.max(0, start - MOST_BEFORE), start), text)
    : ''
  if (matchEnd > end) return { text, figure: `${before}${text}`.trim(), end: undefined }
  WORD.lastIndex = end
  const after = WORD.exec(output)![0]
  return { text, figure: `${before}${text}${after}`.trim(), end: end + after.length }
}

const MOST_BEFORE = 64
const startsWithDigit = (text: string) => /^[\d.,]/.test(text)
/** Everything that directly follows, except punctuation without a digit after it. */
const WORD = /(?:[^\s.,:;'"’()[\]{}<>|=&!?\\]|[.,:'’](?=\d))*/uy

/** The digits, separators and sign of the figure that precede the captured text. */
function digitsBefore(before: string, text: string): string {
  // Is it a group of `1 234`, or a separate number?
  if (/\d $/.test(before) && /^\d{3}(?!\d)/.test(text)) return before
  return /(?:(?<![\p{L}\p{N}_])[-\u2212])?(?:\d[\d.,_'’\u00A0\u2009\u202F]*)?$/u.exec(before)![0]
}
