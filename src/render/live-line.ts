import { cleanText, cutToWidth, toAscii } from './format.ts'

const BAR_CELLS = 20

/** The phase that runs, with its memory in MB. */
interface RunningPhase {
  point: string
  phase: string
  iteration: number
  rssMb: number
  peakMb: number
}

export interface LiveState {
  /** Points that are over, with the part of the one that runs. */
  donePoints: number
  points: number
  /** What runs now; absent between two phases. */
  running?: RunningPhase | undefined
  /** Seconds that the running phase has taken so far. */
  elapsedS: number
  /** Seconds; absent while a phase that is still to come was never measured. */
  leftS?: number | undefined
}

/**
 * `█████░░░░░ 1/3 points · depth_d2_c2_p2_f1_r3 · prove 2 · 1.4 s · 210 MB, peak 237 MB · about 40 s left`, cut to the
 * columns of the terminal so that it never wraps.
 */
export function renderLiveLine(
  state: LiveState,
  { columns, unicode }: { columns: number; unicode: boolean },
): string {
  const { running, elapsedS, leftS, points } = state
  const done = Math.min(points, state.donePoints)
  const phase = running && [
    cleanText(running.point, 60),
    `${running.phase} ${running.iteration}`,
    formatSeconds(elapsedS),
    `${Math.round(running.rssMb)} MB, peak ${Math.round(running.peakMb)} MB`,
  ]
  const line = [
    `${renderBar(done / points, unicode)} ${Math.floor(done)}/${points} points`,
    ...(phase ?? ['between two phases']),
    ...(leftS === undefined ? [] : [`about ${formatSeconds(leftS)} left`]),
  ].join(' · ')
  return cutToWidth(unicode ? line : toAscii(line), columns - 1, '')
}

function renderBar(part: number, unicode: boolean): string {
  const full = Math.floor(part * BAR_CELLS)
  const [on, off] = unicode ? ['█', '░'] : ['#', '.']
  return on!.repeat(full) + off!.repeat(BAR_CELLS - full)
}

/** `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const [unit, small, large] = seconds < 3600 ? [60, 's', 'min'] : [3600, 'min', 'h']
  const rest = seconds < 3600 ? seconds % 60 : (seconds % 3600) / 60
  return `${Math.floor(seconds / (unit as number))} ${large} ${String(Math.floor(rest)).padStart(2, '0')} ${small}`
}
