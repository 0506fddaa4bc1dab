const ROW_PX = 28
// Browsers refuse elements of more than some 16 million pixels; past this the scroll bar moves several rows a pixel.
const MAX_PX = 12_000_000
const EXTRA_ROWS = 6

export interface Window {
  first: number
  last: number
  /** Pixels of the empty space above and below the rows that are there. */
  before: number
  after: number
}

/** Which of `count` rows a box shows that is `height` pixels high and scrolled down by `scrollTop`. */
export function findWindow(count: number, scrollTop: number, height: number): Window {
  const total = Math.min(count * ROW_PX, MAX_PX)
  const visible = Math.ceil(height / ROW_PX)
  const reach = total - height
  const top = reach > 0 ? (Math.min(scrollTop, reach) / reach) * Math.max(0, count - height / ROW_PX) : 0
  const first = Math.max(0, Math.floor(top) - EXTRA_ROWS)
  const last = Math.min(count, Math.floor(top) + visible + EXTRA_ROWS)
  const isScaled = count * ROW_PX > MAX_PX
  const before = isScaled
    ? Math.max(0, Math.min(scrollTop - (top - first) * ROW_PX, total - (last - first) * ROW_PX))
    : first * ROW_PX
  return { first, last, before, after: Math.max(0, total - before - (last - first) * ROW_PX) }
}
