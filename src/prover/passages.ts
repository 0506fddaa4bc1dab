import { measureBetween, type Moment } from '../process/moment.ts'
import type { Measurement, Phase } from '../row/schema.ts'
import type { DurationSource, LineMark, PhaseBounds } from './contract.ts'
import { parseObject, plainText, readLastSeconds } from './counters.ts'

/** One iteration of a phase within a process that runs several phases. */
export interface Passage {
  phase: Phase
  /** Where its time comes from. */
  source: 'marks' | 'printed'
  measurement: Measurement
  /** What was printed during it, or, if its end alone is known, since the passage before. */
  output: string
  /** Durations of what the program marked inside it, s. */
  spans: Record<string, number>
}

/** A phase that has begun. */
interface Open {
  phase: Phase
  /** Index of the moment of its begin. */
  from: number
  lines: string[]
  spans: Record<string, number>
  openSpans: Map<string, Moment>
}

/** So many of the first and of the last lines of a passage are kept for its figures. */
const MOST_LINES = 20_000
const FLUSH =
  'flush after each mark (print(…, flush=True) in Python, fflush in C, sys.stdout is a block buffer otherwise), or wait at the marks: docs/provers.md'

/** Tells the phases of one process apart while it runs. */
export class PassageReader {
  readonly #bounds: ReadonlyMap<Phase, PhaseBounds>
  /** Whether a line in JSON may be a mark. */
  readonly #readsJson: boolean
  readonly #moments: Moment[] = []
  #open: Open | undefined
  /** Lines since the last passage: a duration is printed when its phase has ended. */
  #since: string[] = []
  readonly passages: Passage[] = []
  /** The first thing that was wrong with the marks: what comes after it is not read. */
  fault: string | undefined

  constructor(bounds: ReadonlyMap<Phase, PhaseBounds>) {
    this.#bounds = bounds
    this.#readsJson = [...bounds.values()].some(
      (own) =>
        own !== 'waits' && 'begin' in own && [own.begin, own.end].some((mark) => !(mark instanceof RegExp)),
    )
  }

  /** The phase that has begun and not ended. */
  get open(): Phase | undefined {
    return this.#open?.phase
  }

  onMoment(moment: Moment): void {
    this.#moments.push(moment)
    if (moment.mark !== undefined) this.#onMark(moment, moment.mark)
    else this.#forget()
  }

  onLine(line: string): void {
    if (this.fault !== undefined) return
    addTo(this.#since, line)
    const text = plainText(line)
    const fields = this.#readsJson ? parseObject(text) : undefined
    const isMark = (mark: LineMark) =>
      mark instanceof RegExp ? text.search(mark) >= 0 : hasFields(fields, mark)
    for (const [phase, bounds] of this.#bounds) {
      if (bounds === 'waits') continue
      if ('time' in bounds) {
        const timeS = readDuration(bounds.time, line)
        if (timeS === undefined) continue
        const output = this.#since.join('\n')
        this.#add({ phase, source: 'printed', measurement: printed(timeS, line), output, spans: {} })
      } else if (isMark(bounds.begin)) this.#begin(phase)
      else if (isMark(bounds.end)) this.#end(phase)
    }
    if (this.#open) addTo(this.#open.lines, line)
  }

  #onMark(moment: Moment, mark: string): void {
    if (this.fault !== undefined) return
    const [, word, name = ''] = /^(begin|end) (\S+)\s*$/.exec(mark) ?? []
    if (!word)
      return this.#refuse(
        `a mark is "begin NAME" or "end NAME", ${JSON.stringify(mark.slice(0, 80))} was written`,
      )
    const phase = [...this.#bounds].find(([own, bounds]) => own === name && bounds === 'waits')?.[0]
    if (phase) return word === 'begin' ? this.#begin(phase) : this.#end(phase)
    if (!this.#open) return this.#refuse(`${mark} stands outside of every phase`)
    const { openSpans, spans } = this.#open
    const begun = openSpans.get(name)
    if ((word === 'begin') === (begun !== undefined))
      return this.#refuse(`${mark} does not match the mark before it`)
    if (!begun) return void openSpans.set(name, moment)
    openSpans.delete(name)
    spans[name] = (spans[name] ?? 0) + moment.elapsedS - begun.resumedS
  }

  #begin(phase: Phase): void {
    if (this.#open) return this.#refuse(`${phase} began before ${this.#open.phase} had ended`)
    this.#open = { phase, from: this.#moments.length - 1, lines: [], spans: {}, openSpans: new Map() }
  }

  #end(phase: Phase): void {
    const open = this.#open
    if (open?.phase !== phase) {
      return this.#refuse(`${phase} ended ${open ? `while ${open.phase} was running` : 'before it began'}`)
    }
    const moments = this.#moments.slice(open.from)
    if (moments.length < 2) {
      return this.#refuse(
        `begin and end of ${phase} arrived at once: either the program held its output back, or the phase is shorter than a millisecond; ${FLUSH}`,
      )
    }
    this.#open = undefined
    const { lines, spans } = open
    this.#add({
      phase,
      source: 'marks',
      measurement: measureBetween(moments),
      output: lines.join('\n'),
      spans,
    })
  }

  #add(passage: Passage): void {
    this.passages.push(passage)
    this.#since = []
  }

  #refuse(fault: string): void {
    this.fault ??= fault
  }

  /** Outside of a phase only the last moment counts. */
  #forget(): void {
    if (!this.#open && this.#moments.length > 1) this.#moments.splice(0, this.#moments.length - 1)
  }
}

/** Figures are printed when a phase begins and when it ends: the lines in the middle are dropped. */
function addTo(lines: string[], line: string): void {
  lines.push(line)
  if (lines.length === 3 * MOST_LINES) lines.splice(MOST_LINES, MOST_LINES)
}

/** Whether a value has all of these fields; objects within it may have others too. */
function hasFields(value: unknown, fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null) return value === fields
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(fields).every(([name, own]) =>
    hasFields((value as Record<string, unknown>)[name], own),
  )
}

function readDuration(source: DurationSource, line: string): number | undefined {
  const timeS = typeof source === 'function' ? source(line) : readLastSeconds(line, source)
  return timeS !== undefined && Number.isFinite(timeS) && timeS >= 0 ? timeS : undefined
}

/** Of a duration that is printed, nothing but itself is known, and how many digits it has. */
function printed(time_s: number, line: string): Measurement {
  return { time_s, mem_mb: null, ...resolutionOf(time_s, line) }
}

/** The unit of the last digit of the figure on the line that gives this duration; absent if none does so exactly. */
function resolutionOf(timeS: number, line: string): Pick<Measurement, 'time_resolution_s'> {
  for (const [, digits = '', decimals = ''] of line.matchAll(/(\d+(?:\.(\d+))?)/g)) {
    const value = Number(digits)
    const factor = value > 0 ? timeS / value : 0
    const unit = [1, 1e-3, 1e-6, 1e-9].find((one) => Math.abs(factor / one - 1) < 1e-9)
    if (unit) return { time_resolution_s: unit * 10 ** -decimals.length }
  }
  return {}
}
