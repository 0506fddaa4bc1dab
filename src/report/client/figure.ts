import type { Drawing } from '../plots/drawing.ts'
import { h } from './dom.ts'

/** Width of a sheet of A4 between its margins. */
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
// A plot is shrunk to the paper's width with all its text, so a wide one is drawn anew.
addEventListener('beforeprint', () => drawAll(PAPER_PX))
addEventListener('afterprint', () => drawAll(Infinity))

/** Puts figures for these plots into an element, in place of those that were there. What is in view is drawn first. */
export function showFigures(target: HTMLElement, shown: readonly Drawing[]): void {
  target.replaceChildren(...shown.map(makeFigure))
}

/** Draws what is not in view yet, one plot at a time, while nothing else is to do. */
export function drawWhenIdle(): void {
  for (const target of drawings.keys()) {
    if (!target.isConnected) forget(target)
    else if (!target.firstChild) {
      requestIdleCallback(() => {
        draw(target as HTMLElement)
        drawWhenIdle()
      })
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
