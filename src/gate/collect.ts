import { getOrAdd } from '../row/get-or-add.ts'
import { isSelected, type RunSelection, runOf } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'
import { addRow, mergeSeries, okCount, type Series, startSeries } from './series.ts'
import { settingsKey } from '../row/settings-key.ts'
import { phaseKey } from '../row/point-key.ts'

/** Collects the rows of one file, or of a run that lasts, as series by run. Holds their figures, not the rows. */
export class SeriesCollector {
  readonly #runs = new Map<string | null, Map<string, Series>>()
  #last: string | null = null

  add(row: Row): void {
    this.#last = runOf(row)
    const series = getOrAdd(this.#runs, this.#last, () => new Map<string, Series>())
    addRow(
      getOrAdd(series, `${phaseKey(row)} ${settingsKey(row.settings)}`, () => startSeries(row)),
      row,
    )
  }

  /** Series of the selected runs, those of several runs merged, in the order in which they came. */
  select(selection: RunSelection): Series[] {
    const merged = new Map<string, Series>()
    for (const [run, series] of this.#runs) {
      if (!isSelected(selection, run, this.#last)) continue
      for (const [key, own] of series) {
        const known = merged.get(key)
        if (known) mergeSeries(known, own)
        else merged.set(key, own)
      }
    }
    return [...merged.values()]
  }

  /**
   * For a baseline: of each phase of each point the last run that measured it well, the runs named left out. Older
   * runs measured older code, and would blur the figures of the last.
   */
  selectLatest(except: ReadonlySet<string | null>): Series[] {
    const latest = new Map<string, Series[]>()
    for (const [run, series] of this.#runs) {
      if (except.has(run)) continue
      const good = Map.groupBy(
        [...series.values()].filter((own) => okCount(own) > 0),
        ({ key }) => key,
      )
      for (const [key, own] of good) latest.set(key, own)
    }
    return [...latest.values()].flat()
  }
}
