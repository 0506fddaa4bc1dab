import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { packageRoot } from '../lib/own-package.ts'
import { writePieces } from '../lib/whole-file.ts'
import { type ReadOptions, readRowBatches, readRows } from '../row/read.ts'
import { noRows, type RunSelection, selectRuns } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'
import { buildReportData } from './build.ts'
import { RowCollector } from './collect.ts'
import type { ReportData } from './data.ts'
import { renderBody, renderChunk, renderHead } from './page.ts'
import { RowPacker } from './row-chunks.ts'

export interface ReportOptions extends Pick<ReadOptions, 'onProblem'> {
  files: readonly string[]
  /** File of the baseline. All its runs count except the shown ones. */
  baseline?: string | undefined
  /** Path of the page. */
  output: string
  title: string
  /** Runs whose figures are shown; by default the last run of each file. */
  run?: RunSelection
}

export interface WrittenReport {
  /** Rows of all runs. */
  rows: number
  data: ReportData
}

/**
 * Writes the report of results files as one self-contained page. Streams the rows and keeps only a few numbers of each
 * in memory. The file appears whole or not at all.
 * @throws ProvemarkError NO_ROWS if there is nothing to show, ROWS_UNREADABLE for a file that cannot be read,
 * FILE_UNWRITABLE for one that cannot be written
 */
export async function writeReport(options: ReportOptions): Promise<WrittenReport> {
  const { files, baseline, output, title, run = 'last', ...reading } = options
  const assets = await loadAssets()
  const script = quoteScript(assets.script)
  const scriptSha256 = createHash('sha256').update(script).digest('base64')
  const isShown = await selectRuns(files, run)
  const now = new RowCollector(isShown)
  // No run is its own baseline.
  const base = new RowCollector(
    (id) => id === null || !(now.runs.has(id) && files.some((file) => isShown(id, file, false))),
  )
  const isBaseline = (file: string) => baseline !== undefined && resolve(file) === resolve(baseline)
  return writePieces(output, async (write) => {
    await write(renderHead({ title, style: assets.style, scriptSha256 }))
    await packRows(files, write, reading, (row, file) => {
      now.add(row, file)
      if (isBaseline(file)) base.add(row, file)
    })
    if (now.points.size === 0) throw noRows(files, now.rows ? run : 'all', [...now.runs.keys()])
    if (baseline !== undefined && !files.some(isBaseline)) {
      for await (const row of readRows(baseline, reading)) base.add(row, baseline)
    }
    const data = buildReportData({ now, base: baseline === undefined ? undefined : base, title })
    await write(renderBody(data, now, script))
    return { rows: now.rows, data }
  })
}

/** The script in a form that is safe in a page. HTML parsers turn every line ending into a newline. */
function quoteScript(script: string): string {
  return script
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('</script', String.raw`<\/script`)
    .replaceAll('<!--', String.raw`<\!--`)
}

/** Passes every row to `see` and packs it into the page. */
async function packRows(
  files: readonly string[],
  write: (text: string) => Promise<void>,
  reading: ReadOptions,
  see: (row: Row, file: string) => void,
): Promise<void> {
  const packer = new RowPacker()
  // One chunk is compressed on another thread while the rows of the next are read.
  let packing: Promise<string> | undefined
  const writePacked = async (next?: Promise<string>) => {
    const packed = await packing
    packing = next
    if (packed !== undefined) await write(renderChunk(packed))
  }
  for (const file of files) {
    for await (const rows of readRowBatches(file, reading)) {
      for (const row of rows) {
        see(row, file)
        const chunk = packer.add(row)
        if (chunk) await writePacked(chunk)
      }
    }
  }
  await writePacked(packer.flush())
  await writePacked()
}

/** Script and style of the report: built from source in a checkout, prebuilt in the package. */
async function loadAssets() {
  if (!import.meta.url.endsWith('.ts')) {
    const read = (name: string) => readFile(join(packageRoot(), 'dist', 'report', name), 'utf8')
    return { script: await read('client.js'), style: await read('report.css') }
  }
  // A dynamic URL, so that the package's build does not bundle the builder itself.
  const builder = new URL('../../scripts/report-client.ts', import.meta.url).href
  const { buildReportClient } = (await import(builder)) as { buildReportClient: () => Promise<string> }
  const style = await readFile(join(import.meta.dirname, 'client', 'report.css'), 'utf8')
  return { script: await buildReportClient(), style }
}
