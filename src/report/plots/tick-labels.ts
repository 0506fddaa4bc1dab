import type { Picture } from './drawing.ts'

/** Upper estimate at the font size of a plot: a label is mostly digits, which are wide. */
const SIGN_PX = 7.5
const GAP_PX = 3

/** Takes away labels of the horizontal axis that would run into the one before them; their ticks stay. */
export function keepLabelsApart(svg: Picture): void {
  let end = -Infinity
  for (const text of svg.querySelectorAll('g[aria-label="x-axis tick label"] > text')) {
    const middle = /^translate\(([-\d.]+),[-\d.]+\)$/.exec(text.getAttribute('transform') ?? '')?.[1]
    // Labels that are turned stand one behind the other.
    if (middle === undefined) return
    const half = ((text.textContent ?? '').length * SIGN_PX) / 2
    if (Number(middle) - half < end + GAP_PX) text.remove()
    else end = Number(middle) + half
  }
}
