import type { Drawing } from '../plots/frame.ts'
import { h } from './dom.ts'

/** Width of A4 paper between its margins. */
const PAPER_PX = 700

const drawings = new Map<Element, Drawing>()
let mostPx = Infinity

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.firstChild) draw(target as HTMLElement)
  }
})
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) draw(target as HTMLElement)
    }
  },
  { rootMargin: '600px' },
)
// Printing scales a plot down to the paper's width, text included, so a wide one is redrawn first.
addEventListener('beforeprint', () => drawAll(PAPER_PX))
addEventListener('afterprint', () => drawAll(Infinity))

/** Replaces the contents of an element with figures for these plots. Those in view are drawn first. */
export function showFigures(target: HTMLElement, shown: readonly Drawing[]): void {
  target.replaceChildren(...shown.map(makeFigure))
}

/** On a busy machine the browser may never be idle. */
const LONGEST_WAIT_MS = 200

/** Draws the plots that are not in view yet, one at a time, while the browser is idle. */
export function drawWhenIdle(): void {
  for (const target of drawings.keys()) {
    if (!target.isConnected) forget(target)
    else if (!target.firstChild) {
      const next = () => {
        draw(target as HTMLElement)
        drawWhenIdle()
      }
      requestIdleCallback(next, { timeout: LONGEST_WAIT_MS })
      return
    }
  }
  document.body.dataset['drawn'] = 'true'
}

function makeFigure(drawing: Drawing): HTMLElement {
  const plot = h('div', { class: 'plot' })
  drawings.set(plot, drawing)
  resized.observe(plot)
  seen.observe(plot)
  const table = h('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': `${drawing.title}: figures`,
  })
  const details = h('details', {}, h('summary', {}, 'Figures as a table'), table)
  details.addEventListener('toggle', () => {
    if (details.open && !table.firstChild) table.append(makeTable(drawing))
  })
  return h('figure', { id: drawing.id }, h('figcaption', {}, drawing.title), plot, details)
}

function drawAll(atMostPx: number): void {
  mostPx = atMostPx
  for (const target of drawings.keys()) draw(target as HTMLElement)
}

function draw(target: HTMLElement): void {
  const drawing = drawings.get(target)
  if (!drawing || !target.isConnected) return forget(target)
  const width = Math.min(Math.floor(target.clientWidth), mostPx)
  if (width === 0 || target.dataset['width'] === String(width)) return
  target.dataset['width'] = String(width)
  target.replaceChildren(drawing.draw({ width, mode: 'page' }))
}

function forget(target: Element): void {
  resized.unobserve(target)
  seen.unobserve(target)
  drawings.delete(target)
}

function makeTable(drawing: Drawing): HTMLTableElement {
  const { head, rows } = drawing.table()
  return h(
    'table',
    {},
    h('caption', {}, drawing.description),
    h('thead', {}, h('tr', {}, ...head.map((name) => h('th', { scope: 'col' }, name)))),
    h(
      'tbody',
      {},
      ...rows.map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, cell == null ? '—' : String(cell))))),
    ),
  )
}
