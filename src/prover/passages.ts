import { Interval } from '../process/moment.ts'
import type { Moment } from '../process/monitor-protocol.ts'
import { OutputCollector } from '../process/output.ts'
import type { Measurement, Phase } from '../row/schema.ts'
import type { DurationSource, LineMark, PhaseBounds } from './contract.ts'
import { parseObject, plainText, readLastSeconds } from './counters.ts'

/** One iteration of a phase within a process that runs several phases. */
export interface Passage {
  phase: Phase
  /** Where its time comes from. */
  source: 'marks' | 'printed'
  measurement: Measurement
  /** What was printed during it or, if only its end is known, since the previous passage. */
  output: string
  /** What is missing from the output. */
  warnings: string[]
  /** Durations that the program marked inside it, s. */
  spans: Record<string, number>
}

/** A phase that has begun. */
interface Open {
  phase: Phase
  interval: Interval
  output: OutputCollector
  spans: Record<string, number>
  openSpans: Map<string, Moment>
}

const FLUSH =
  'flush after each mark (print(…, flush=True) in Python, fflush in C, sys.stdout is a block buffer otherwise), or wait at the marks: docs/provers.md'

/** Separates the phases of one process while it runs. */
export class PassageReader {
  readonly #bounds: ReadonlyMap<Phase, PhaseBounds>
  /** Whether a line in JSON may be a mark. */
  readonly #readsJson: boolean
  readonly #keepLines: readonly RegExp[]
  #last: Moment | undefined
  #open: Open | undefined
  /** What was printed since the last passage: a duration is printed when its phase has ended. */
  #since: OutputCollector
  readonly passages: Passage[] = []
  /** The first fault in the marks: what comes after it is not read. */
  fault: string | undefined

  /** @param keepLines lines that the output of a passage contains, however long it gets */
  constructor(bounds: ReadonlyMap<Phase, PhaseBounds>, keepLines: readonly RegExp[]) {
    this.#bounds = bounds
    this.#keepLines = keepLines
    this.#since = this.#collect()
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
    this.#last = moment
    this.#open?.interval.add(moment)
    if (moment.mark !== undefined) this.#onMark(moment, moment.mark)
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
        this.#add({ phase, source: 'printed', measurement: printed(timeS, line), spans: {} }, this.#since)
      } else if (isMark(bounds.begin)) this.#begin(phase)
      else if (isMark(bounds.end)) this.#end(phase)
    }
    if (this.#open) addTo(this.#open.output, line)
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
    this.#open = {
      phase,
      interval: new Interval(this.#last!),
      output: this.#collect(),
      spans: {},
      openSpans: new Map(),
    }
  }

  #end(phase: Phase): void {
    const open = this.#open
    if (open?.phase !== phase) {
      return this.#refuse(`${phase} ended ${open ? `while ${open.phase} was running` : 'before it began'}`)
    }
    const measurement = open.interval.measure()
    if (!measurement) {
      return this.#refuse(
        `begin and end of ${phase} arrived at once: either the program held its output back, or the phase is shorter than a millisecond; ${FLUSH}`,
      )
    }
    this.#open = undefined
    const { output, spans } = open
    this.#add({ phase, source: 'marks', measurement, spans }, output)
  }

  #add(passage: Omit<Passage, 'output' | 'warnings'>, output: OutputCollector): void {
    this.passages.push({ ...passage, output: output.text(), warnings: output.warnings() })
    this.#since = this.#collect()
  }

  #refuse(fault: string): void {
    this.fault ??= fault
  }

  #collect(): OutputCollector {
    return new OutputCollector({ keepLines: this.#keepLines })
  }
}

function addTo(output: OutputCollector, line: string): void {
  output.write(Buffer.from(`${line}\n`))
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

/** About a printed duration, only its value and its number of digits are known. */
function printed(time_s: number, line: string): Measurement {
  return { time_s, mem_mb: null, ...resolutionOf(time_s, line) }
}

/** The unit of the last digit of the figure that gives this duration; absent if no figure is exactly equal to it. */
function resolutionOf(timeS: number, line: string): Pick<Measurement, 'time_resolution_s'> {
  for (const [, digits = '', decimals = ''] of line.matchAll(/(\d+(?:\.(\d+))?)/g)) {
    const value = Number(digits)
    const factor = value > 0 ? timeS / value : 0
    const unit = [1, 1e-3, 1e-6, 1e-9].find((one) => Math.abs(factor / one - 1) < 1e-9)
    if (unit) return { time_resolution_s: unit * 10 ** -decimals.length }
  }
  return {}
}
