import { readRowBatches } from '../row/read.ts'
import type { ReportData } from './data.ts'
import { FlatColumns } from './flatten.ts'

interface Exports {
  /** Folder for the plots. */
  svg?: string | undefined
  /** Files for all rows. */
  csv?: string | undefined
  parquet?: string | undefined
}

/** Writes the requested files in addition to the page, and returns what was written. */
export async function exportRows(
  files: readonly string[],
  data: ReportData,
  { svg, csv, parquet }: Exports,
): Promise<string[]> {
  const lines: string[] = []
  if (svg !== undefined) {
    const { writeSvgs } = await import('./write-svgs.ts')
    lines.push(`${svg}: ${(await writeSvgs(data, svg)).length} plots`)
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
