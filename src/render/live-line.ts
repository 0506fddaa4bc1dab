import stringWidth from 'fast-string-width'
import { formatMetric } from '../row/metrics.ts'
import { cleanText, cutToWidth, formatDuration, toAscii } from './format.ts'
import { countOf } from '../lib/names.ts'

const BAR_CELLS = 20

/** The running phase, with its memory in MB. */
interface RunningPhase {
  point: string
  phase: string
  iteration: number
  rssMb: number
  peakMb: number
}

export interface LiveState {
  /** Finished points, plus the finished fraction of the current one. */
  donePoints: number
  points: number
  /** Absent between two phases. */
  running?: RunningPhase | undefined
  /** Seconds since the running phase started. */
  elapsedS: number
  /** Estimated seconds left; absent while a later phase has not been measured yet. */
  leftS?: number | undefined
}

/**
 * `█████░░░░░ 1/3 points · depth_d2_c2_p2_f1_r3 · prove 2 · 1.4 s · 210.3 MB, peak 237.1 MB · about 40 s left`, cut to
 * the width of the terminal so that it never wraps.
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
    formatDuration(elapsedS),
    `${formatMetric('mem_mb', running.rssMb)}, peak ${formatMetric('mem_mb', running.peakMb)}`,
  ]
  const line = [
    `${renderBar(done / points, unicode)} ${Math.floor(done)}/${countOf(points, 'point')}`,
    ...(phase ?? ['between two phases']),
    ...(leftS === undefined ? [] : [`about ${formatDuration(leftS)} left`]),
  ].join(' · ')
  return cutToWidth(unicode ? line : toAscii(line), columns - 1, '')
}

function renderBar(part: number, unicode: boolean): string {
  const full = Math.floor(part * BAR_CELLS)
  const [on, off] = unicode ? ['█', '░'] : ['#', '.']
  return on!.repeat(full) + off!.repeat(BAR_CELLS - full)
}

type Write = typeof process.stdout.write

/** The last line of a terminal, redrawn below everything printed to stdout and stderr. */
export class BottomLine {
  readonly #stream = process.stdout
  readonly #original = new Map<NodeJS.WriteStream, Write>()
  #width = 0

  /** From now on, output goes above the line: printing removes the line, and the next draw restores it. */
  open(): void {
    for (const stream of [process.stdout, process.stderr]) {
      // Files and pipes have no such line.
      if (!stream.isTTY) continue
      const write = stream.write.bind(stream) as Write
      this.#original.set(stream, stream.write)
      stream.write = ((...args: Parameters<Write>) => {
        this.#clear()
        return write(...args)
      }) as Write
    }
  }

  get columns(): number {
    return this.#stream.columns || 80
  }

  draw(text: string): void {
    this.#clear()
    this.#print(text)
    this.#width = stringWidth(text)
  }

  close(): void {
    this.#clear()
    for (const [stream, write] of this.#original) stream.write = write
    this.#original.clear()
  }

  #clear(): void {
    if (!this.#width) return
    // If the terminal became narrower, it has wrapped the line.
    const rows = Math.ceil(this.#width / this.columns)
    this.#width = 0
    this.#print(`${rows > 1 ? `\u001B[${rows - 1}A` : ''}\r\u001B[J`)
  }

  #print(text: string): void {
    const write = this.#original.get(this.#stream) ?? this.#stream.write
    write.call(this.#stream, text)
  }
}
