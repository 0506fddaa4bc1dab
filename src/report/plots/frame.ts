import * as Plot from '@observablehq/plot'
import type { Metric } from '../../row/metrics.ts'
import { shortenApart } from './style.ts'

/** How to draw a plot: in a page, or as a separate file. */
export interface DrawOptions {
  /** Pixels. */
  width: number
  /** Pixels; by default what the plot needs. */
  height?: number | undefined
  /** Needed if there is no global one. */
  document?: unknown
  /** A page shows figures under the pointer, and the title above the picture. */
  mode: 'page' | 'file'
  /** Whether a file has its title and its legend inside the picture. */
  title?: boolean
  legend?: boolean
}

/** An SVG element. */
export type Picture = ReturnType<typeof Plot.plot>

/** One plot: its title, how to draw it, and the same figures as a table for people who cannot see it. */
export interface Drawing {
  /** Valid as a file name and as an element's id. */
  id: string
  title: string
  /** One sentence for screen readers. */
  description: string
  /** Whether it is one of the few that a paper usually shows. */
  isMain: boolean
  draw: (options: DrawOptions) => Picture
  table: () => { head: string[]; rows: (string | number | null)[][] }
}

const MAX_SLUG = 100

/** Lower-case letters, digits and dashes. */
export function slug(text: string): string {
  return (
    text
      .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, MAX_SLUG)
      .replaceAll(/^-|-$/g, '') || 'unnamed'
  )
}

/** `prove-time`, `prove-memory`, `proof-size`, `total-cost`: how the names of plots begin. */
export function plotName({ kind, phase, of, name }: Metric): string {
  const what = { time: 'time', cpu: 'cpu-time', memory: 'memory', size: 'size', counter: '' }[kind as string]
  const own = /^(?:time_s|cpu_s|mem_mb)$/.test(name) ? '' : (of ?? name.replace(/^spans\./, ''))
  return slug([phase, own, what ?? ''].filter(Boolean).join(' '))
}

/** Upper estimate of a letter's width at a plot's font size: without a browser, text cannot be measured. */
const LETTER_PX = 6.2
const TEXT_AT_PX = 14

export interface LegendEntry {
  color: string
  symbol: Plot.SymbolType
  /** A hollow symbol, used for the baseline. */
  hollow?: boolean
  text: string
  /** Additional text; goes on its own line if it does not fit after the main text. */
  more?: string
}

interface LegendLine {
  /** The symbol before the text, on the first line of an entry. */
  sign?: Omit<LegendEntry, 'text' | 'more'>
  text: string
}

/** Breaks the entries into lines that fit a plot's width. */
function breakLegend(entries: readonly LegendEntry[], width: number): LegendLine[] {
  const letters = Math.floor((width - TEXT_AT_PX) / LETTER_PX)
  const shorten = shortenApart(
    entries.map(({ text }) => text),
    letters,
  )
  return entries.flatMap(({ text, more, ...sign }): LegendLine[] => {
    if (!more) return [{ sign, text: shorten(text) }]
    const whole = `${text}  ${more}`
    if (whole.length <= letters) return [{ sign, text: whole }]
    return [{ sign, text: shorten(text) }, { text: shortenApart([more], letters)(more) }]
  })
}

/** Upper estimate at a plot's font size: labels are mostly digits, which are wide. */
const SIGN_PX = 7.5
const GAP_PX = 3

/** Removes labels of the horizontal axis that would overlap the previous one. Their ticks stay. */
function keepLabelsApart(svg: Picture): void {
  let end = -Infinity
  for (const text of svg.querySelectorAll('g[aria-label="x-axis tick label"] > text')) {
    const middle = /^translate\(([-\d.]+),[-\d.]+\)$/.exec(text.getAttribute('transform') ?? '')?.[1]
    // Rotated labels do not overlap.
    if (middle === undefined) return
    const half = ((text.textContent ?? '').length * SIGN_PX) / 2
    if (Number(middle) - half < end + GAP_PX) text.remove()
    else end = Number(middle) + half
  }
}

/** An axis with a label at every one of its ticks: those of a logarithmic scale lack some labels in Plot. */
function labelTicks({ x, y }: Layout): Plot.Markish[] {
  const labelled = (scale: Plot.ScaleOptions | undefined, axis: typeof Plot.axisX) =>
    scale?.type === 'log' && Array.isArray(scale.ticks)
      ? [axis(scale.ticks, { text: scale.tickFormat as (tick: number) => string })]
      : []
  return [...labelled(x, Plot.axisX), ...labelled(y, Plot.axisY)]
}

const LEGEND_LINE = 16
const TITLE_LINE = 24
const AXIS_LINE = 18
const MARGIN_TOP = 8

/** What a kind of plot looks like, beside its title and description. */
export interface Layout extends Omit<Plot.PlotOptions, 'document' | 'height' | 'title'> {
  legend: readonly LegendEntry[]
  /** Marks that follow the pointer; left out of files. */
  tips?: Plot.Markish[]
  /** Text above the vertical axis. */
  above?: string
  /** Height of the plot in pixels, without title and legend. */
  innerHeight: number
}

/** Even if a file is not as high as its legend, it still has a plot. */
const LEAST_INNER = 120

interface Definition extends Omit<Drawing, 'draw'> {
  layOut: (width: number) => Layout
}

/** A plot whose layout is computed for its width whenever it is drawn. */
export const defineDrawing = ({ layOut, ...texts }: Definition): Drawing => ({
  ...texts,
  draw: (options) => drawFrame(texts, layOut(options.width), options),
})

/**
 * Draws a plot with its legend inside the picture, above the plot, so that it is complete in the page, in a file and on
 * paper. A file also gets its title and an XML namespace.
 */
function drawFrame(
  { title, description }: Pick<Drawing, 'title' | 'description'>,
  layout: Layout,
  options: DrawOptions,
): Picture {
  const { legend: entries, above, innerHeight, marks = [], tips, ...plot } = layout
  const { width, height, document, mode } = options
  const isFile = mode === 'file'
  const hasTitle = isFile && (options.title ?? true)
  const legend = isFile && options.legend === false ? [] : entries
  const marginTop = (plot.x?.axis === 'top' ? AXIS_LINE : MARGIN_TOP) + (above ? AXIS_LINE : 0)
  const lines = breakLegend(legend, width)
  const legendHeight = lines.length * LEGEND_LINE
  const head = legendHeight + (hasTitle ? TITLE_LINE : 0)
  const atTop = (dx: number, dy: number) =>
    ({
      frameAnchor: 'top-left',
      lineAnchor: 'middle',
      dx: dx - (plot.marginLeft ?? 40) + 6,
      dy: dy - marginTop - legendHeight,
    }) as const
  const svg = Plot.plot({
    ...plot,
    ...(document ? { document: document as NonNullable<Plot.PlotOptions['document']> } : {}),
    width,
    height: Math.max(height ?? innerHeight + head, head + LEAST_INNER),
    marginTop: head + marginTop,
    className: 'provemark-plot',
    style: {
      fontSize: '11px',
      overflow: 'visible',
      ...(isFile ? { background: 'white', color: '#1c2027' } : {}),
    },
    ariaLabel: title,
    ariaDescription: description,
    marks: [
      ...labelTicks(layout),
      ...marks,
      ...(isFile ? [] : (tips ?? [])),
      hasTitle ? Plot.text([title], { ...atTop(0, -12), fontSize: 13, fontWeight: 600 }) : null,
      above ? Plot.text([above], { ...atTop(0, legendHeight + 8), fillOpacity: 0.75 }) : null,
      ...lines.flatMap(({ sign, text }, i) => [
        sign
          ? Plot.dot([0], {
              ...atTop(4, (i + 0.5) * LEGEND_LINE),
              symbol: sign.symbol,
              r: 4,
              stroke: sign.color,
              fill: sign.hollow ? 'none' : sign.color,
            })
          : null,
        Plot.text([text], atTop(14, (i + 0.5) * LEGEND_LINE)),
      ]),
    ],
  })
  keepLabelsApart(svg)
  svg.setAttribute('role', 'img')
  // The picture has its own name and description. Plot's labels for its parts mean nothing to a screen reader user.
  for (const part of svg.querySelectorAll('g[aria-label]')) part.removeAttribute('aria-label')
  if (isFile) svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return svg
}
