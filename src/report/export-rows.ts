import { readRowBatches } from '../row/read.ts'
import type { ReportData } from './data.ts'
import { FlatColumns } from './flatten.ts'
import type { SvgOptions } from './write-svgs.ts'

interface Exports {
  /** Folder for the plots. */
  svg?: string | undefined
  drawing?: SvgOptions
  /** Files for all rows. */
  csv?: string | undefined
  parquet?: string | undefined
}

/** Writes the requested files in addition to the page, and returns what was written. */
export async function exportRows(
  files: readonly string[],
  data: ReportData,
  { svg, drawing, csv, parquet }: Exports,
): Promise<string[]> {
  const lines: string[] = []
  if (svg !== undefined) {
    const { writeSvgs } = await import('./write-svgs.ts')
    const { names, all } = await writeSvgs(data, svg, drawing)
    const others = names.length < all ? `; --plots list prints the names of all ${all}` : ''
    lines.push(`${svg}: ${names.length} ${names.length === 1 ? 'plot' : 'plots'}${others}`)
  }
  if (csv === undefined && parquet === undefined) return lines
  const columns = new FlatColumns()
  for await (const rows of readRowBatches(files)) for (const row of rows) columns.add(row)
  const count = `${columns.list().length} columns`
  if (csv !== undefined) {
    const { writeCsv } = await import('./write-csv.ts')
    await writeCsv(files, columns, csv)
    lines.push(`${csv}: ${count}`)
  }
  if (parquet !== undefined) {
    const { writeParquet } = await import('./write-parquet.ts')
    await writeParquet(files, columns, parquet)
    lines.push(`${parquet}: ${count}`)
  }
  return lines
}
