import { join } from 'node:path'
import { phasesOf } from '../prover/contract.ts'
import { addAll } from '../row/collections.ts'
import type { Phase, Row } from '../row/schema.ts'
import { restoreCompile, storeCompile } from './circuit-cache/cached-compile.ts'
import { explainFileError, findIterationShortage, writtenBytesOf } from './disk-guard.ts'
import { runIteration, type IterationResult } from './iteration.ts'
import {
  earlierPhases,
  IterationFolders,
  lineageBefore,
  lineageOfRow,
  lineagesStillNeeded,
  type Lineage,
  type Lineages,
} from './lineage.ts'
import { figuresOf, missingFigures } from './phase-process.ts'
import { unrunRow, type RowError } from './phase-row.ts'
import { fileNameOf } from './point-files.ts'
import type { PointJob } from './point.ts'
import { Session } from './session.ts'
import { hasRun } from './shared-process.ts'
import { preparePoint, type PreparedPoint } from './prepare-point.ts'
import { decideBySamples, freeIterations, proofsAtOnce, samplingOf, withSampling } from './schedule.ts'

export interface PhaseOptions {
  /** Ends the running process and skips all later iterations. */
  signal: AbortSignal
  /** Gets each row as soon as it is measured; resolves when the row is on disk. */
  record: (row: Row) => Promise<void>
}

/**
 * Unneeded folders are removed after every iteration up to 100, then each time the number has grown by this share.
 */
const TIDY_SHARE = 1 / 100

/** Runs the phases of one point with one prover. Each iteration is a process in a separate folder. */
export class PointRun {
  readonly #job: PointJob
  /** The phases that the prover has. */
  readonly phases: readonly Phase[]
  readonly #folders: IterationFolders
  readonly #lineages: Lineages = { compile: [], witness: [], prove: [], verify: [] }
  /** Lineages of phases that ran unrecorded. */
  readonly #remade = new Map<Phase, Lineage>()
  /** What the prover reported so far. */
  readonly #figures = new Set<string>()
  /** Bytes that the last successful iteration of each phase wrote. */
  readonly #lastBytes = new Map<Phase, number>()
  /** Iterations since unneeded folders were last removed. */
  #untidied = 0
  #cached: Lineage | undefined
  /** What concurrent proofs build on. */
  #sharing: Promise<Lineage | undefined> | undefined
  #shared: Lineage | undefined
  #prepared: Promise<PreparedPoint> | undefined

  constructor(job: PointJob) {
    const { plan, track, point, planned, earlier = [] } = job
    this.#job = { ...job, session: job.session ?? new Session() }
    this.phases = phasesOf(job.prover)
    const names = [...(plan.project === undefined ? [] : [plan.project]), track, point.id, planned.label]
    const dir = join(plan.options.work_dir, plan.run_id, ...names.map(fileNameOf))
    this.#folders = new IterationFolders(dir, plan.options.keep)
    for (const row of earlier) {
      this.#lineages[row.phase].push(lineageOfRow(row))
      addAll(this.#figures, figuresOf(row))
    }
  }

  /** Rows of a phase written by earlier processes of the run. */
  earlierRows(phase: Phase): Row[] {
    return this.#job.earlier?.filter((row) => row.phase === phase) ?? []
  }

  /** Phases that ran unrecorded, because a filter left them out or an earlier process of the run has their rows. */
  get unrecorded(): Phase[] {
    return this.phases.filter((phase) => this.#remade.has(phase))
  }

  /** Runs the iterations of a phase that have no row yet, one for each requested row, or several at once. */
  async *runPhase(phase: Phase, { signal, record }: PhaseOptions): AsyncGenerator<Row> {
    const atOnce = proofsAtOnce(this.#job, phase)
    const rows = this.earlierRows(phase)
    const isDone = this.#decideEnd(phase)
    const free = freeIterations(rows)
    const running = new Map<number, Promise<{ iteration: number; ran: IterationResult | undefined }>>()
    let isOver = false
    const isOpen = () => !isOver && !signal.aborted && running.size < atOnce && !isDone(rows, running.size)
    try {
      while (true) {
        while (isOpen()) {
          // A point that cannot run gets one row that says so.
          if (rows.length + running.size && (await (this.#prepared ??= this.#prepare())).skip) break
          const iteration = free.next().value
          const ran = this.#runIteration(phase, iteration, signal)
          const numbered = ran.then((result) => ({ iteration, ran: result }))
          running.set(iteration, numbered)
        }
        if (!running.size) return
        const { iteration, ran } = await Promise.race(running.values())
        running.delete(iteration)
        isOver ||= !ran
        if (!ran) continue
        rows.push(ran.row)
        await this.#keep(phase, ran, record)
        this.#tidy(rows.length, [...running.keys()])
        yield ran.row
      }
    } finally {
      await Promise.allSettled(running.values())
    }
  }

  /** For a cancelled run: its processes may have run iterations of phases that are no longer reached. */
  async recordRest(record: PhaseOptions['record']): Promise<void> {
    const { signal } = new AbortController()
    for (const phase of this.phases) {
      const known = this.#lineages[phase]
      const most = samplingOf(this.#job, phase)?.max ?? this.#job.plan.options.iterations[phase]
      const free = freeIterations(known)
      while (hasRun(this.#job, phase) && known.length < most) {
        const ran = await this.#runIteration(phase, free.next().value, signal)
        if (!ran) break
        await this.#keep(phase, ran, record)
      }
    }
  }

  async #keep(
    phase: Phase,
    { row, lineage }: IterationResult,
    record: PhaseOptions['record'],
  ): Promise<void> {
    this.#lineages[phase].push(lineage)
    this.#folders.add(row, lineage)
    await record(row)
  }

  /** Whether the iterations of a phase that have rows or are running are enough. */
  #decideEnd(phase: Phase): (rows: readonly Row[], atWork: number) => boolean {
    const sampling = samplingOf(this.#job, phase)
    const planned = this.#job.plan.options.iterations[phase]
    if (!sampling) return (rows, atWork) => rows.length + atWork >= planned
    const isPrecise = decideBySamples(sampling)
    // The times of running iterations are not known yet.
    return (rows, atWork) => isPrecise(rows) || (atWork > 0 && rows.length + atWork >= sampling.max)
  }

  /** Ends the process that serves its iterations, and removes the artifacts unless the plan keeps them. */
  async dispose(): Promise<void> {
    await this.#job.session!.close()
    await this.#folders.dispose(this.#job.plan.options.work_dir)
  }

  /**
   * Removes unneeded folders. It goes through all lineages, so it does so less often as the number of iterations grows.
   */
  #tidy(done: number, atWork: readonly number[]): void {
    if (++this.#untidied < done * TIDY_SHARE) return
    this.#untidied = 0
    const { iterations, sampling } = this.#job.plan.options
    const max = sampling?.max ?? 0
    const planned = sampling ? { ...iterations, witness: max, prove: max, verify: max } : iterations
    const needed = [
      ...lineagesStillNeeded(this.#lineages, planned, this.phases),
      ...this.#remade.values(),
      ...(this.#shared ? [this.#shared] : []),
      ...(this.#cached ? [this.#cached] : []),
    ]
    this.#folders.removeAllBut(needed, atWork)
  }

  /** Undefined if the run was cancelled before the phase itself could start. */
  async #runIteration(
    phase: Phase,
    iteration: number,
    signal: AbortSignal,
    isMeasured = true,
  ): Promise<IterationResult | undefined> {
    const prepared = await (this.#prepared ??= this.#prepare())
    const base = withSampling(prepared.base, samplingOf(this.#job, phase))
    const end = (status: 'skipped' | 'failed', error: RowError): IterationResult => ({
      row: unrunRow(base, phase, iteration, status, error),
      lineage: { iteration, status, files: {}, circuit_sha256: null, extra: {} },
    })
    if (prepared.skip) return end('skipped', prepared.skip)
    const before = await (isMeasured && proofsAtOnce(this.#job, phase) > 1
      ? this.#findShared(phase, signal)
      : this.#findBefore(phase, iteration, signal))
    if (signal.aborted) return undefined
    if (before && before.status !== 'ok') {
      const message = `${earlierPhases(phase, this.phases).at(-1)} of iteration ${before.iteration} ended as ${before.status}`
      return end('skipped', { code: 'EARLIER_PHASE_FAILED', message })
    }
    const from = before ?? prepared.start
    if (!from) {
      const { code = 'MODEL_UNREADABLE', message = '', hint = null } = prepared.error ?? {}
      return end('failed', { code, message, hint })
    }
    const shortage = findIterationShortage(this.#job, phase, this.#lastBytes.get(phase))
    if (shortage) return end('skipped', shortage)
    const dir = this.#folders.pathOf(iteration)
    const warnings = phase === this.phases[0] ? prepared.warnings : []
    const it = { phase, iteration, before: from, dir, base, signal, given: prepared.files, warnings }
    const ran = await runIteration(this.#job, it).catch((error: unknown) =>
      end('failed', explainFileError(error)),
    )
    if (ran.row.status === 'ok') this.#noteFigures(ran.row)
    await storeCompile(this.#job, prepared, { ...ran, dir, isMeasured })
    return ran
  }

  /** After the last phase it is known what none has reported, unless the cache took the place of one. */
  #noteFigures(row: Row): void {
    this.#lastBytes.set(row.phase, writtenBytesOf(row))
    addAll(this.#figures, figuresOf(row))
    const missing = missingFigures(this.#job, this.#figures)
    if (!missing.length || row.phase !== this.phases.at(-1) || this.#cached) return
    // What a service prints is nobody's while it makes several proofs at once.
    if (this.#job.prover.service && this.phases.some((phase) => proofsAtOnce(this.#job, phase) > 1)) return
    row.warnings = [...(row.warnings ?? []), ...missing]
  }

  /** What all concurrent iterations build on: a service has the keys of one compile loaded. */
  #findShared(phase: Phase, signal: AbortSignal): Promise<Lineage | undefined> {
    this.#sharing ??= this.#findBefore(phase, undefined, signal).then((before) => (this.#shared = before))
    return this.#sharing
  }

  /** What an iteration builds on; if the files of a successful one are gone, it is rebuilt. */
  async #findBefore(
    phase: Phase,
    iteration: number | undefined,
    signal: AbortSignal,
  ): Promise<Lineage | undefined> {
    const earlier = earlierPhases(phase, this.phases).at(-1)
    if (!earlier) return undefined
    const before = lineageBefore(this.#lineages[earlier], iteration)
    if (before && (before.status !== 'ok' || !before.isGone)) return before
    return this.#remake(earlier, before?.iteration ?? 1, signal)
  }

  /**
   * Makes a phase's artifacts once for all iterations that need them: from the cache, or by an unrecorded iteration.
   */
  async #remake(phase: Phase, iteration: number, signal: AbortSignal): Promise<Lineage | undefined> {
    const known = this.#remade.get(phase) ?? (await this.#takeCached(phase, iteration))
    if (known) return known
    const ran = await this.#runIteration(phase, iteration, signal, false)
    if (ran) this.#remade.set(phase, ran.lineage)
    return ran?.lineage
  }

  async #takeCached(phase: Phase, iteration: number): Promise<Lineage | undefined> {
    if (phase !== 'compile' || !this.#prepared) return undefined
    this.#cached ??= await restoreCompile(this.#job, await this.#prepared, {
      iteration,
      dir: this.#folders.pathOf(iteration),
    })
    return this.#cached
  }

  async #prepare(): Promise<PreparedPoint> {
    // A killed process of this run may have left files here.
    if (this.#job.plan.resumed) await this.#folders.clear()
    return preparePoint(this.#job)
  }
}
