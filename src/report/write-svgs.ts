import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { writeWhole } from '../lib/whole-file.ts'
import type { ReportData } from './data.ts'
import type { Drawing } from './plots/drawing.ts'
import { listHistory } from './plots/history.ts'
import { listContests } from './plots/provers.ts'
import { listRatios } from './plots/ratios.ts'
import { listAxes, listScaling } from './plots/scaling.ts'
import { listShares } from './plots/shares.ts'

/** Every plot of a report, scaling plots on both scales. */
export function listDrawings(data: ReportData): Drawing[] {
  return [
    ...listAxes(data).flatMap((axis) =>
      (['log', 'linear'] as const).flatMap((scale) => listScaling(data, axis, scale)),
    ),
    ...listShares(data),
    ...listContests(data),
    ...listRatios(data),
    ...listHistory(data),
  ]
}

/** Pixels: two columns of a page, at the page's text size. */
const WIDTH = 560

/**
 * Writes each plot of a report as a separate SVG file on white, with title and legend inside. Returns the file names.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export async function writeSvgs(data: ReportData, folder: string): Promise<string[]> {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const names: string[] = []
  for (const { id, draw } of listDrawings(data)) {
    const svg = draw({ width: WIDTH, document, mode: 'file' })
    // SVG viewers other than browsers rarely support CSS variables.
    const text = svg.outerHTML.replaceAll('var(--plot-background, white)', 'white')
    names.push(`${id}.svg`)
    writeWhole(join(folder, `${id}.svg`), `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`)
  }
  return names
}
