import type { TestProject, Vitest } from 'vitest/node'
import type { ProvemarkConfig } from '../config/config-types.ts'

/** A project of the run, with the argument of each `provemark({…})` among its plugins, in order. */
export interface GatheredProject {
  project: TestProject
  configs: ProvemarkConfig[]
  /** Whether a config that contains the plugin names reporters. */
  choseReporters: boolean
}

interface Gathering {
  projects: GatheredProject[]
  start: Promise<void>
}

// Each project loads its own copy of this module, so only a global is shared. A restart of Vitest has a new config.
const GATHERINGS = Symbol.for('provemark.projects')
const shared = globalThis as { [GATHERINGS]?: WeakMap<object, Gathering> }

/** Starts once for all projects that have the plugin. Each of them waits for that start. */
export function gatherProject(
  vitest: Vitest,
  { config, ...given }: Pick<GatheredProject, 'project' | 'choseReporters'> & { config: ProvemarkConfig },
  start: (projects: GatheredProject[]) => Promise<void>,
): Promise<void> {
  const gatherings = (shared[GATHERINGS] ??= new WeakMap())
  const known = gatherings.get(vitest.config)
  const projects = known?.projects ?? []
  const own = projects.find((other) => other.project === given.project)
  if (own) {
    own.configs.push(config)
    own.choseReporters ||= given.choseReporters
  } else {
    projects.push({ ...given, configs: [config] })
  }
  if (known) return known.start
  // Vitest calls the hooks of all projects before it awaits any of them.
  const gathering = { projects, start: Promise.resolve().then(() => start(projects)) }
  gatherings.set(vitest.config, gathering)
  return gathering.start
}
