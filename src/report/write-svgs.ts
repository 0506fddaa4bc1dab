import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { ProvemarkError } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { writeWhole } from '../lib/whole-file.ts'
import type { ReportData } from './data.ts'
import type { Drawing } from './plots/frame.ts'
import { listHistory } from './plots/history.ts'
import { listContests } from './plots/provers.ts'
import { listRatios } from './plots/ratios.ts'
import { listAxes, listScaling, type Scale } from './plots/scaling.ts'
import { listShares } from './plots/shares.ts'
import { listSpeedUps } from './plots/speedups.ts'

export interface SvgOptions {
  /** Pixels; by default two columns of a page, at the page's text size. */
  width?: number | undefined
  /** Pixels; by default what each plot needs. */
  height?: number | undefined
  title?: boolean | undefined
  legend?: boolean | undefined
  /** Pixels: everything in the picture grows with it. */
  fontSize?: number | undefined
  scale?: Scale | undefined
  /** Names of plots, or `all`; by default those that a paper usually shows. */
  plots?: readonly string[] | undefined
}

/** Every plot of a report under a name of its own. */
export function listDrawings(data: ReportData, scale: Scale = 'log'): Map<string, Drawing> {
  const drawings = [
    ...listAxes(data).flatMap((axis) => listScaling(data, axis, scale)),
    ...listShares(data),
    ...listSpeedUps(data),
    ...listContests(data),
    ...listRatios(data),
    ...listHistory(data),
  ]
  const named = new Map<string, Drawing>()
  for (const drawing of drawings) {
    let name = drawing.id
    for (let i = 2; named.has(name); i++) name = `${drawing.id}-${i}`
    named.set(name, drawing)
  }
  return named
}

const WIDTH = 560
/** The size for which plots are laid out. */
const FONT_SIZE = 11

/**
 * Writes plots of a report as separate SVG files on white. Returns their names, and how many there are in all.
 * @throws ProvemarkError FILE_UNWRITABLE, CONFIG_INVALID for a name that no plot has
 */
export async function writeSvgs(data: ReportData, folder: string, options: SvgOptions = {}) {
  const { width = WIDTH, height, fontSize = FONT_SIZE, scale, title = true, legend = true } = options
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const all = listDrawings(data, scale)
  const names = chooseNames(all, options.plots)
  const zoom = fontSize / FONT_SIZE
  for (const name of names) {
    const svg = all.get(name)!.draw({
      width: Math.round(width / zoom),
      height: height === undefined ? undefined : Math.round(height / zoom),
      document,
      mode: 'file',
      title,
      legend,
    })
    for (const side of ['width', 'height']) {
      svg.setAttribute(side, String(Math.round(Number(svg.getAttribute(side)) * zoom)))
    }
    // SVG viewers other than browsers rarely support CSS variables.
    const text = svg.outerHTML.replaceAll('var(--plot-background, white)', 'white')
    writeWhole(join(folder, `${name}.svg`), `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`)
  }
  return { names, all: all.size }
}

function chooseNames(all: ReadonlyMap<string, Drawing>, wanted: readonly string[] | undefined): string[] {
  const known = [...all.keys()]
  if (!wanted) return known.filter((name) => all.get(name)!.isMain)
  if (wanted.includes('all')) return known
  const unknown = wanted.filter((name) => !all.has(name))
  if (!unknown.length) return [...new Set(wanted)]
  const given = unknown.map((name) => `${name} (${suggestName(name, known)})`)
  throw new ProvemarkError('CONFIG_INVALID', `--plots: expected names of plots, given ${given.join(', ')}`, {
    hint: '--plots list prints the names of all plots of these rows',
  })
}
