import { resolve } from 'node:path'
import type { Reporter, Vitest } from 'vitest/node'
import type { Plan } from '../plan/plan.ts'
import type { PlannedGate } from './plan-gate.ts'
import type { PreparedProject } from './prepare-run.ts'

/** One project of a run that has several. */
export interface ProjectScope {
  /** Vitest's own name of its benches. */
  vitestName: string
  /** As the user calls it. */
  name: string
}

interface RowReporter extends Reporter {
  limitTo(scope: ProjectScope | undefined): this
  onInit(vitest: Vitest): void
}

/** The classes of `reporters/`, which builds on `src`: the plugin brings the two together. */
export interface ReporterClasses {
  CardReporter: new (options: { brief: boolean }) => RowReporter
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
  /** Before those of the user: whatever another reporter does, the rows are safe. */
  first: RowReporter[]
  last: RowReporter[]
}

/** Our reporters beside those of the user; each run of a process that watches has its own. */
export class RunReporters {
  readonly #vitest: Vitest
  readonly #classes: ReporterClasses
  readonly #exit: InstanceType<ReporterClasses['ExitReporter']>
  #placed: Placed = { first: [], last: [] }
  /** Phases of tracks are shown in one line each, in place of Vitest's tables. */
  readonly #isCompact: boolean
  #hasLine = false

  /** @param choseReporters whether the user's config names some */
  constructor(vitest: Vitest, classes: ReporterClasses, choseReporters: boolean) {
    this.#vitest = vitest
    this.#classes = classes
    this.#exit = new classes.ExitReporter()
    this.#isCompact = !choseReporters && !isReporterChosen(vitest)
  }

  /** Before Vitest makes its reporters. */
  async add(prepared: readonly PreparedProject[]): Promise<void> {
    const { config } = this.#vitest
    this.#hasLine = leavesRoom(config.reporters)
    if (findLine(prepared) && this.#hasLine) config.reporters = withoutWindows(config.reporters)
    this.#placed = await this.#make(prepared)
    if (this.#isCompact) {
      const files = new Set(prepared.flatMap((own) => own.files))
      config.reporters = config.reporters.map((own) => this.#compact(own, files))
    }
    config.reporters.unshift(...this.#placed.first)
    config.reporters.push(...this.#placed.last, this.#exit)
  }

  /** Before a rerun. */
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
      last.push(new CardReporter({ brief: this.#isCompact && countPoints(prepared) > 1 }).limitTo(scope))
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
    if (this.#hasLine && findLine(prepared)) {
      last.push(new LiveReporter(prepared.map(({ plan, project }) => ({ plan, vitestName: project.name }))))
    }
    return { first, last }
  }

  #compact(reporter: OwnReporter, files: ReadonlySet<string>): OwnReporter {
    const [name, options] = Array.isArray(reporter) ? reporter : []
    if (name !== 'default' && name !== 'minimal') return reporter
    // The one option that can be there is the window that we have put away.
    const { summary } = options as { summary?: boolean }
    return new this.#classes.CompactReporter(files, { summary, isMinimal: name === 'minimal' })
  }
}

/** Whether the command line or the config of Vitest says which reporters it should use. */
function isReporterChosen({ config: { reporters, cliOptions } }: Vitest): boolean {
  if (cliOptions.reporter ?? cliOptions.reporters) return true
  // A config that the plugin has no part in may have named them, such as the root's where the plugin is in a project.
  const named = reporters.flatMap((own) => (Array.isArray(own) ? [own] : []))
  return named.some(([name, options]) => !UNCHOSEN.has(name) || Object.keys(options ?? {}).length > 0)
}

/** What Vitest takes of itself: for people, for agents, and in GitHub Actions beside one of them. */
const UNCHOSEN = new Set<unknown>(['default', 'minimal', 'github-actions'])

type VitestReporters = Vitest['config']['reporters']
type OwnReporter = VitestReporters[number]

function countPoints(prepared: readonly PreparedProject[]): number {
  return prepared.flatMap(({ plan }) => plan.tracks.flatMap(({ points }) => points)).length
}

function findLine(prepared: readonly PreparedProject[]): Plan | undefined {
  return prepared.map(({ plan }) => plan).find(({ progress_file }) => progress_file)
}

/** Reporters of Vitest with a window at the bottom of the terminal, which all but the last can do without. */
const WINDOWED = new Set(['default', 'verbose', 'tree'])
const ALWAYS_WINDOWED = 'dot'

/** Whether the bottom of the terminal is free for a line of ours. */
function leavesRoom(reporters: VitestReporters): boolean {
  return !reporters.some((reporter) => nameOf(reporter) === ALWAYS_WINDOWED)
}

/** The same reporters without their windows: two that draw there would overwrite each other. */
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
