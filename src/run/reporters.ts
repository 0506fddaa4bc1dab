import { resolve } from 'node:path'
import type { Reporter, Vitest } from 'vitest/node'
import type { Plan } from '../plan/plan.ts'
import { plannedVariant } from '../point/phase-row.ts'
import type { Variant } from '../row/identity.ts'
import type { PlannedGate } from './plan-gate.ts'
import type { PreparedProject } from './prepare-run.ts'

/** One project of a run that has several. */
export interface ProjectScope {
  /** Vitest's name for its benches. */
  vitestName: string
  /** The user's name for it. */
  name: string
}

interface RowReporter extends Reporter {
  limitTo(scope: ProjectScope | undefined): this
  onInit(vitest: Vitest): void
}

/** The classes in `reporters/`, which depends on `src`; the plugin passes them in. */
export interface ReporterClasses {
  CardReporter: new (options: { brief: boolean; variants: readonly Variant[] }) => RowReporter
  CompactReporter: new (
    files: ReadonlySet<string>,
    options: { summary: boolean | undefined; isMinimal: boolean },
  ) => Reporter
  ExitReporter: new () => RowReporter & { expect(projects: readonly PreparedProject[]): void }
  HtmlReporter: new (results: ReadonlyMap<string, string>, output: string, baseline?: string) => RowReporter
  JsonlReporter: new (
    files: ReadonlyMap<string, string>,
    options: { fsync: boolean; isMerge: boolean },
  ) => RowReporter
  LiveReporter: new (projects: readonly { vitestName: string; plan: Plan }[]) => RowReporter
  ShardReporter: new () => RowReporter
  loadGateReporter: () => Promise<new (plan: Plan, gate: PlannedGate) => RowReporter>
}

interface Placed {
  /** Run before the user's reporters: whatever those do, the rows are safe. */
  first: RowReporter[]
  last: RowReporter[]
}

/** Combines provemark's reporters with the user's. In watch mode each run gets new ones. */
export class RunReporters {
  readonly #vitest: Vitest
  readonly #classes: ReporterClasses
  readonly #exit: InstanceType<ReporterClasses['ExitReporter']>
  #placed: Placed = { first: [], last: [] }
  /** Phases of tracks get one line each instead of Vitest's tables. */
  readonly #isCompact: boolean
  #hasLine = false

  /** @param choseReporters whether the user's config names reporters */
  constructor(vitest: Vitest, classes: ReporterClasses, choseReporters: boolean) {
    this.#vitest = vitest
    this.#classes = classes
    this.#exit = new classes.ExitReporter()
    this.#isCompact = !choseReporters && !isReporterChosen(vitest)
  }

  /** Call before Vitest creates its reporters. */
  async add(prepared: readonly PreparedProject[]): Promise<void> {
    const { config } = this.#vitest
    this.#hasLine = leavesRoom(config.reporters)
    if (isWatched(prepared) && this.#hasLine) config.reporters = withoutWindows(config.reporters)
    this.#placed = await this.#make(prepared)
    if (this.#isCompact) {
      const files = new Set(prepared.flatMap((own) => own.files))
      config.reporters = config.reporters.map((own) => this.#compact(own, files))
    }
    config.reporters.unshift(...this.#placed.first)
    config.reporters.push(...this.#placed.last, this.#exit)
  }

  /** Call before a rerun. */
  async replace(prepared: readonly PreparedProject[]): Promise<void> {
    const gone = new Set<Reporter>([...this.#placed.first, ...this.#placed.last])
    this.#placed = await this.#make(prepared)
    const { first, last } = this.#placed
    for (const reporter of [...first, ...last]) reporter.onInit(this.#vitest)
    const vitest = this.#vitest as unknown as { reporters: Reporter[] }
    vitest.reporters = [...first, ...vitest.reporters.filter((own) => !gone.has(own)), ...last]
  }

  async #make(prepared: readonly PreparedProject[]): Promise<Placed> {
    this.#exit.expect(prepared)
    const { CardReporter, HtmlReporter, JsonlReporter, LiveReporter, ShardReporter } = this.#classes
    const isMerge = Boolean(this.#vitest.config.mergeReports)
    const first: RowReporter[] = []
    const last: RowReporter[] = isMerge ? [new ShardReporter()] : []
    for (const own of prepared) {
      const { plan, gate, project } = own
      const scope = own.isAlone ? undefined : { vitestName: project.name, name: own.name }
      const files = new Map(plan.tracks.map(({ name, results }) => [name, results]))
      first.push(new JsonlReporter(files, { fsync: plan.options.fsync, isMerge }).limitTo(scope))
      const brief = this.#isCompact && countPoints(prepared) > 1
      const variants = plan.provers.map((planned) => plannedVariant(plan, planned))
      last.push(new CardReporter({ brief, variants }).limitTo(scope))
      if (gate) {
        const GateReporter = await this.#classes.loadGateReporter()
        last.push(new GateReporter(plan, gate).limitTo(scope))
      }
      if (plan.options.report) {
        const { baseline } = plan.gate
        const report = new HtmlReporter(files, plan.options.report, baseline && resolve(plan.root, baseline))
        last.push(report.limitTo(scope))
      }
    }
    if (this.#hasLine && isWatched(prepared)) {
      last.push(new LiveReporter(prepared.map(({ plan, project }) => ({ plan, vitestName: project.name }))))
    }
    return { first, last }
  }

  #compact(reporter: OwnReporter, files: ReadonlySet<string>): OwnReporter {
    const [name, options] = Array.isArray(reporter) ? reporter : []
    if (name !== 'default' && name !== 'minimal') return reporter
    // The only possible option is the window that was turned off here.
    const { summary } = options as { summary?: boolean }
    return new this.#classes.CompactReporter(files, { summary, isMinimal: name === 'minimal' })
  }
}

/** Whether Vitest's command line or config chooses the reporters. */
function isReporterChosen({ config: { reporters, cliOptions } }: Vitest): boolean {
  if (cliOptions.reporter ?? cliOptions.reporters) return true
  // A config without the plugin may have named them, such as the root's if the plugin is in a project.
  const named = reporters.flatMap((own) => (Array.isArray(own) ? [own] : []))
  return named.some(([name, options]) => !UNCHOSEN.has(name) || Object.keys(options ?? {}).length > 0)
}

/** Vitest's own defaults: for people, for agents, and the additional one in GitHub Actions. */
const UNCHOSEN = new Set<unknown>(['default', 'minimal', 'github-actions'])

type VitestReporters = Vitest['config']['reporters']
type OwnReporter = VitestReporters[number]

function countPoints(prepared: readonly PreparedProject[]): number {
  return prepared.flatMap(({ plan }) => plan.tracks.flatMap(({ points }) => points)).length
}

function isWatched(prepared: readonly PreparedProject[]): boolean {
  return prepared.some(({ plan }) => plan.progress_file)
}

/** Vitest's reporters with a window at the bottom of the terminal; all but the last also work without it. */
const WINDOWED = new Set(['default', 'verbose', 'tree'])
const ALWAYS_WINDOWED = 'dot'

/** Whether the bottom of the terminal is free for the live line. */
function leavesRoom(reporters: VitestReporters): boolean {
  return !reporters.some((reporter) => nameOf(reporter) === ALWAYS_WINDOWED)
}

/** The same reporters without their windows: two writers at the bottom would overwrite each other. */
function withoutWindows(reporters: VitestReporters): VitestReporters {
  return reporters.map((reporter) => {
    const name = nameOf(reporter)
    if (!WINDOWED.has(name)) return reporter
    const options = Array.isArray(reporter) ? reporter[1] : {}
    return [name, { ...(options as object), summary: false }]
  }) as VitestReporters
}

function nameOf(reporter: OwnReporter): string {
  const [name] = Array.isArray(reporter) ? reporter : [reporter]
  return typeof name === 'string' ? name : ''
}
