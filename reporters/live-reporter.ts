import { readFileSync, rmSync } from 'node:fs'
import type { TestCase, Vitest } from 'vitest/node'
import type { Plan } from '../src/plan/plan.ts'
import type { ProgressNote } from '../src/point/progress.ts'
import type { Row } from '../src/row/schema.ts'
import { BottomLine, renderLiveLine } from '../src/render/live-line.ts'
import { RowReporter } from './row-reporter.ts'
import { RunProgress } from '../src/plan/run-progress.ts'
import { readCardStyle } from '../src/render/terminal.ts'

const REDRAW_MS = 250

/** A project of the run, with the name that Vitest gives its benches. */
export interface LiveProject {
  vitestName: string
  plan: Plan
}

/** One line at the bottom of a terminal: progress of the run, and the current phase with its time and memory. */
export class LiveReporter extends RowReporter {
  readonly #projects: readonly LiveProject[]
  readonly #line = new BottomLine()
  readonly #progress = new Map<string, RunProgress>()
  /** The project that is sending rows. */
  #current: string | undefined
  #timer: NodeJS.Timeout | undefined
  #note: ProgressNote | undefined
  /** Start time of the phase whose row came last: the worker's notes about it are outdated. */
  #overMs = -1

  constructor(projects: readonly LiveProject[]) {
    super()
    this.#projects = projects
    this.#current = projects[0]?.vitestName
  }

  override onInit(vitest: Vitest): void {
    super.onInit(vitest)
    const filter = vitest.config.testNamePattern
    for (const { vitestName, plan } of this.#projects) {
      const isWanted = (track: string, point: string, phase: string) =>
        filter?.test(`${track} ${point} ${phase}`) ?? true
      this.#progress.set(vitestName, new RunProgress(plan, isWanted))
    }
    vitest.onClose(() => this.#stop())
  }

  protected override onRow(row: Row, { project }: TestCase): void {
    this.#current = project.name
    this.#progress.get(project.name)?.add(row)
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
    const all = [...this.#progress]
    const left = all.map(([name, own]) =>
      own.estimateLeftS(name === this.#current && running ? { ...running, elapsedS } : undefined),
    )
    const state = {
      donePoints: all.reduce((sum, [, own]) => sum + own.donePoints(), 0),
      points: all.reduce((sum, [, own]) => sum + own.points, 0),
      running,
      elapsedS,
      leftS: left.reduce((sum, own) => (sum === undefined || own === undefined ? undefined : sum + own), 0),
    }
    this.#line.draw(
      renderLiveLine(state, { columns: this.#line.columns, unicode: readCardStyle(process.stdout).unicode }),
    )
  }

  /** Reads the latest note of any project. If one is just being written, keeps the previous one. */
  #readNote(): void {
    for (const file of this.#listFiles()) {
      try {
        const note = JSON.parse(readFileSync(file, 'utf8')) as ProgressNote
        if (note.startedMs >= (this.#note?.startedMs ?? -1)) this.#note = note
      } catch {
        // No note yet, or an incomplete one.
      }
    }
  }

  #listFiles(): string[] {
    return this.#projects.flatMap(({ plan }) => plan.progress_file ?? [])
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#line.close()
    for (const file of this.#listFiles()) rmSync(file, { force: true })
  }
}
