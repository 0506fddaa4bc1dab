import { afterAll, describe, recordArtifact, test, type Bench } from 'vitest'
import { type Plan, proverKeyOf, proverKeyOfPlanned, ROW_ARTIFACT, type RowArtifact } from '../plan/plan.ts'
import { readKnownSizes, sizeKeyOf } from '../point/disk-guard.ts'
import { readEarlierRows } from '../point/earlier-rows.ts'
import { plannedVariant } from '../point/phase-row.ts'
import { PointRun, type PhaseOptions } from '../point/point-run.ts'
import { reportProgress } from '../point/progress.ts'
import { interleave } from '../point/schedule.ts'
import { dropControls } from '../lib/text.ts'
import { loadProver } from '../prover/registry.ts'
import { reference } from '../reference/reference.ts'
import { PHASES, type Phase, type Row } from '../row/schema.ts'
import type { TrackDefinition } from './define.ts'
import { planPoints } from './plan-points.ts'

/** Phases build on earlier ones, so the project's config must not shuffle, repeat or parallelise them. */
const IN_ORDER = { shuffle: false, concurrent: false, repeats: 0, retry: 0 } as const

/** Registers a track's suite: a describe per point and prover, a test per phase. Runs in a Vitest worker. */
export function registerSuite(track: TrackDefinition, plan: Plan): void {
  const planned = plan.tracks.find(({ name }) => name === track.name)
  if (!planned) return
  describe(track.name, IN_ORDER, async () => {
    const wanted = planned.points.map(({ id }) => id)
    const points = await planPoints(track, planned.params, { ...plan.options, root: plan.root }, wanted)
    const provers = await Promise.all(
      plan.provers.map(async (own) => ({ planned: own, prover: await loadProver(own.source, plan.root) })),
    )
    afterAll(() => reference.close())
    const earlier = Map.groupBy(
      await readEarlierRows(plan, planned),
      (row) => `${row.point}\0${proverKeyOf(row)}`,
    )
    const sizes = plan.options.disk_guard ? await readKnownSizes(planned.results) : undefined
    if (!points.length) test.skip(planned.empty)
    for (const [index, point] of points.entries()) {
      const position = { track: track.name, point: point.id, index: index + 1, points: points.length }
      const progress = reportProgress(plan.progress_file, position)
      const runs = provers.map((own) => ({
        title: own.planned.label,
        run: new PointRun({
          plan,
          track: track.name,
          results: planned.results,
          point,
          prover: own.prover,
          planned: own.planned,
          planSha256: planned.plan_sha256,
          trackParams: planned.params,
          progress,
          expectedBytes: sizes?.get(sizeKeyOf(point.id, plannedVariant(plan, own.planned))),
          earlier: earlier.get(`${point.id}\0${proverKeyOfPlanned(plan, own.planned)}`) ?? [],
        }),
      }))
      const groups = plan.interleave ? [runs] : runs.map((own) => [own])
      for (const group of groups) {
        const title =
          provers.length > 1 ? `${point.id} [${group.map((own) => own.title).join(' | ')}]` : point.id
        describe(title, IN_ORDER, () => registerPhases(group))
      }
    }
  })
}

interface TitledRun {
  title: string
  run: PointRun
}

/** One test per phase; if there are several runs, their iterations alternate. */
function registerPhases(all: readonly TitledRun[]): void {
  let running: Promise<unknown> = Promise.resolve()
  let last: PhaseOptions | undefined
  // A cancelled test ends at once, so its process and its row are waited for here.
  afterAll(async () => {
    await running.catch(() => {})
    for (const { run } of all) {
      if (last?.signal.aborted) await run.recordRest(last.record)
      await run.dispose()
    }
  }, 0)
  for (const phase of PHASES) {
    const runs = all.filter(({ run }) => run.phases.includes(phase))
    if (!runs.length) continue
    // A phase that failed has written its row; a retry would add another.
    test(phase, { ...IN_ORDER, timeout: 0 }, async ({ bench, task, signal, skip }) => {
      const report = async (artifact: Omit<RowArtifact, 'type'>) =>
        void (await recordArtifact(task, { type: ROW_ARTIFACT, ...artifact }))
      const known = runs.map(({ run }) => run.earlierRows(phase))
      for (const row of known.flat()) await report({ row, isKnown: true })
      const unrecordedBefore = listUnrecorded(runs)
      const options: PhaseOptions = (last = { signal, record: (row) => report({ row }) })
      const measured = interleave(runs.map(({ run }) => run.runPhase(phase, options)))
      running = measured
      const rows = (await measured).map((own, i) => [...known[i]!, ...own])
      const unrecorded = listUnrecorded(runs).filter((own) => !unrecordedBefore.includes(own))
      if (unrecorded.length)
        console.log(`ran unrecorded, since ${phase} needs them: ${unrecorded.join(', ')}`)
      const failure = failureOf(rows.flat())
      if (failure) throw failure
      const durationsMs = rows.map(listDurationsMs)
      const skipped = rows.flat().find(({ status }) => status === 'skipped')
      if (durationsMs.some((own) => !own.length)) skip(skipped?.error?.message ?? 'nothing was measured')
      for (const [index, { title }] of runs.entries()) {
        await showDurations(bench, all.length > 1 ? `${phase} ${title}` : phase, durationsMs[index]!)
      }
    })
  }
}

function listUnrecorded(runs: readonly TitledRun[]): Phase[] {
  return PHASES.filter((phase) => runs.some(({ run }) => run.unrecorded.includes(phase)))
}

function listDurationsMs(rows: readonly Row[]): number[] {
  return rows.flatMap(({ status, time_s }) => (status === 'ok' && time_s != null ? [time_s * 1000] : []))
}

/** Puts measured durations into Vitest's own tables, as if it had run the phase itself. */
async function showDurations(bench: Bench, name: string, durationsMs: readonly number[]): Promise<void> {
  let next = 0
  await bench(name, { async: true }, async () => ({ overriddenDuration: durationsMs[next++] })).run({
    iterations: durationsMs.length,
    time: 0,
    warmup: false,
  })
}

/** The failed iterations of a phase as the error that fails its test; undefined if none failed. */
function failureOf(rows: readonly Row[]): Error | undefined {
  const failed = rows.filter(({ status }) => status !== 'ok' && status !== 'skipped')
  if (!failed.length) return undefined
  const error = new Error(dropControls(failed.map(describeRow).join('\n\n')))
  // A stack trace would point into the harness, which is not at fault.
  error.stack = ''
  return error
}

function describeRow({ point, phase, iteration, cmd, error }: Row): string {
  const head = `${point}: ${phase} of iteration ${iteration}: ${error?.code}: ${error?.message}`
  const command = cmd ? `\n  command: ${cmd.join(' ')}` : ''
  const tail = error?.tail ? `\n  output ends:\n${error.tail.replaceAll(/^/gm, '    ')}` : ''
  const hint = error?.hint ? `\n  next: ${error.hint}` : ''
  return `${head}${command}${tail}${hint}`
}
