import type { Problem } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { readBaseline } from '../gate/baseline.ts'
import { type Budget, formatBudget } from '../gate/options.ts'
import { findUnknownNames, type KnownNames, refuseBudgets, requireBaseline } from '../gate/refusals.ts'
import { orNone } from '../gate/judge-files.ts'
import type { JudgeInput } from '../gate/judge.ts'
import { type Series, startSeries } from '../row/series.ts'
import { type Plan, variantFields } from '../plan/plan.ts'
import { listDeterministic } from '../point/phase-row.ts'
import type { Prover } from '../prover/contract.ts'
import { counterMetric, isCounter } from '../row/metrics.ts'
import { readRows } from '../row/read.ts'
import { PHASES, type Row } from '../row/schema.ts'

/** What the gate of a run needs to know before the run starts. */
export interface PlannedGate {
  /** Absent if none was named, if a first run goes without, or if the run brings its own. */
  baseline: Pick<JudgeInput, 'base' | 'absence'>
  /** Rows of a comparison's earlier rounds. */
  earlier?: Row[]
  /** Names that a budget may have although no row has them: all tracks, selected or not. */
  known: KnownNames
}

interface GateSources {
  plan: Plan
  provers: readonly Prover[]
  tracks: string[]
  /** Vitest's own name filter, if any. */
  namePattern: RegExp | undefined
  /** Nothing will run, so it is too late to reject the plan. */
  isMerge: boolean
}

/**
 * Reads the baseline and rejects what could not be judged.
 * @throws ProvemarkError BASELINE_MISSING or CONFIG_INVALID
 */
export async function planGate(sources: GateSources): Promise<PlannedGate> {
  const { plan, tracks } = sources
  const { gate, root, run_id } = plan
  const known = { tracks, phases: PHASES, provers: plan.provers.map(({ name }) => name) }
  const unreported = sources.isMerge ? [] : findUnreported(gate.budgets, sources.provers)
  if (unreported.length) throw refuseBudgets(unreported, REPORT_IT)
  // The sides of a comparison are judged against each other.
  if (plan.interleave) {
    const earlier = plan.continues === undefined ? [] : await Array.fromAsync(readRows(plan.continues))
    return { baseline: { base: null }, known, earlier }
  }
  const reading = () =>
    readBaseline({ baseline: gate.baseline!, root, exceptRuns: new Set([run_id]), files: [] })
  const baseline = gate.baseline === undefined ? { base: null } : await orNone(reading(), gate)
  const { base } = baseline
  const planned = listPlanned(sources)
  const series = [...planned, ...(base ?? [])]
  // Metrics and points are known only after measuring.
  const unknown = findUnknownNames(gate.budgets, series, known, ['track', 'prover'])
  if (unknown.length) throw refuseBudgets(unknown)
  if (!sources.isMerge && !gate.allow_missing) requireBaseline(planned, base, gate.budgets)
  return { baseline, known }
}

const REPORT_IT =
  'remove the budget from gate.budgets, or let the prover report the figure: counters, totalCost, time or memory of commandProver'

/** Budgets whose metric none of their provers can report, by what these say of themselves. */
function findUnreported(budgets: readonly Budget[], provers: readonly Prover[]): Problem[] {
  return budgets.flatMap((budget) => {
    const own = provers.filter(({ name }) => budget.prover === undefined || budget.prover === name)
    if (!own.length || own.some((prover) => mayReport(prover, budget.metric))) return []
    const counters = own.flatMap((prover) => (prover.counters ?? []).map(counterMetric))
    return [
      {
        where: `budget ${formatBudget(budget)}`,
        expected: `a figure that ${own.map(({ name }) => name).join(', ')} can report`,
        given: budget.metric,
        hint: counters.length ? suggestName(budget.metric, counters) : undefined,
      },
    ]
  })
}

const REPORTED: Readonly<Record<string, string>> = { time_s_rust: 'time', mem_mb_rust: 'memory' }

function mayReport({ figures, counters = [] }: Prover, metric: string): boolean {
  const figure = isCounter(metric) ? 'counters' : REPORTED[metric]
  if (!figures || !figure || figures.includes(figure)) return true
  return counters.some((name) => counterMetric(name) === metric)
}

/** The phases to be measured, as series without figures. */
function listPlanned({ plan, provers, namePattern }: GateSources): Series[] {
  return plan.tracks.flatMap((track) =>
    track.points.flatMap((point) =>
      plan.provers.flatMap((own) => {
        const { name, label } = own
        const title = plan.provers.length > 1 ? `${point.id} [${label}]` : point.id
        const prover = provers.find((one) => one.name === name)
        const deterministic = listDeterministic(prover?.artifacts ?? {})
        return own.phases
          .filter((phase) => namePattern?.test(`${track.name} ${title} ${phase}`) ?? true)
          .map((phase): Series => {
            const series = startSeries({
              phase,
              track: track.name,
              point: point.id,
              params: point.params,
              prover: { name, deterministic },
              side: own.side,
              ...variantFields(plan, own),
              machine: plan.machine,
              time_source: 'wall',
            })
            for (const [artifact, how] of Object.entries(deterministic))
              series.deterministic.set(artifact, how)
            return series
          })
      }),
    ),
  )
}
