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
