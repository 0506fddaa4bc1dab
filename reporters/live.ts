import { readFileSync, rmSync } from 'node:fs'
import type { Vitest } from 'vitest/node'
import type { Plan } from '../src/plan/plan.ts'
import type { ProgressNote } from '../src/point/progress.ts'
import type { Row } from '../src/row/schema.ts'
import { BottomLine } from '../src/render/bottom-line.ts'
import { renderLiveLine } from '../src/render/live-line.ts'
import { RowReporter } from './row-reporter.ts'
import { RunProgress } from '../src/plan/run-progress.ts'
import { readCardStyle } from '../src/render/terminal.ts'

const REDRAW_MS = 250

/** One line at the bottom of a terminal: how far the run is, what runs now, for how long, and with how much memory. */
export class LiveReporter extends RowReporter {
  readonly #plan: Plan
  readonly #file: string
  readonly #line = new BottomLine()
  #progress!: RunProgress
  #timer: NodeJS.Timeout | undefined
  #note: ProgressNote | undefined
  /** When the phase had started whose row came last: what the worker noted of it is over. */
  #overMs = -1

  /** @param file where the worker notes what it does */
  constructor(file: string, plan: Plan) {
    super()
    this.#file = file
    this.#plan = plan
  }

  override onInit(vitest: Vitest): void {
    super.onInit(vitest)
    const filter = vitest.config.testNamePattern
    this.#progress = new RunProgress(
      this.#plan,
      (track, point, phase) => filter?.test(`${track} ${point} ${phase}`) ?? true,
    )
    vitest.onClose(() => this.#stop())
  }

  protected override onRow(row: Row): void {
    this.#progress.add(row)
    this.#readNote()
    this.#overMs = this.#note?.startedMs ?? -1
  }

  onTestRunStart(): void {
    this.#line.open()
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS)
  }

  onTestRunEnd(): void {
    this.#stop()
  }

  #draw(): void {
    this.#readNote()
    if (!this.#note) return
    const running = this.#note.startedMs === this.#overMs ? undefined : this.#note
    const elapsedS = (Date.now() - this.#note.startedMs) / 1000
    const leftS = this.#progress.estimateLeftS(running && { ...running, elapsedS })
    const { points } = this.#progress
    const state = { donePoints: this.#progress.donePoints(), points, running, elapsedS, leftS }
    this.#line.draw(
      renderLiveLine(state, { columns: this.#line.columns, unicode: readCardStyle(process.stdout).unicode }),
    )
  }

  /** Takes the last note; where one is being written now, the one before stays. */
  #readNote(): void {
    try {
      this.#note = JSON.parse(readFileSync(this.#file, 'utf8')) as ProgressNote
    } catch {
      // There is none yet, or half of one.
    }
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#line.close()
    rmSync(this.#file, { force: true })
  }
}
