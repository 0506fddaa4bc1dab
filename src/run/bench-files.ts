import { isAbsolute, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { BaseSequencer, parseCLI, type TestProject, type TestSpecification, type Vitest } from 'vitest/node'

/** The bench files of a project, found with Vitest's own rules. */
export function findBenchFiles({ config }: TestProject): Promise<string[]> {
  return glob(config.include, {
    absolute: true,
    dot: true,
    cwd: config.dir || config.root,
    ignore: config.exclude,
    expandDirectories: false,
  })
}

/** Vitest's own file filters: `depth` in `npx vitest bench depth`. */
export function readFileFilters(): string[] {
  return parseCLI(['vitest', ...process.argv.slice(2)]).filter.map(String)
}

/** Whether Vitest's filters include a file of a project, by the same rule as Vitest. */
export function isIncluded(file: string, filters: readonly string[], { config }: TestProject): boolean {
  const dir = config.dir || config.root
  const path = relative(dir, file).toLowerCase()
  const matches = (filter: string) =>
    (isAbsolute(filter) && file.startsWith(filter)) ||
    path.includes(filter.toLowerCase()) ||
    // A folder of the workspace selects the project's files in it.
    path.includes(relative(dir, filter).toLowerCase() + (filter.endsWith('/') ? '/' : ''))
  return !filters.length || filters.some(matches)
}

/** The files of one project that define tracks. */
interface TrackFiles {
  project: TestProject
  /** Files of the selected tracks, in execution order. */
  selected: readonly string[]
  all: readonly string[]
}

/**
 * Runs the files of the selected tracks in order, project by project, then the bench files that define no track. Tracks
 * are sharded by the points of the plan, so Vitest shards only the files without a track.
 * @returns sets these files before each run
 */
export function runOnly(vitest: Vitest): (projects: readonly TrackFiles[]) => void {
  let order: string[] = []
  let left = new Set<string>()
  const rankOf = (file: TestSpecification) => {
    const rank = order.indexOf(keyOf(file.project, file.moduleId))
    return rank < 0 ? order.length : rank
  }
  const isLeft = ({ project, moduleId }: TestSpecification) => left.has(keyOf(project, moduleId))
  vitest.config.sequence.sequencer = class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return files.filter((file) => !isLeft(file)).toSorted((a, b) => rankOf(a) - rankOf(b))
    }

    override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
      const tracks = files.filter((file) => rankOf(file) < order.length)
      const others = files.filter((file) => rankOf(file) === order.length && !isLeft(file))
      return [...tracks, ...(await super.shard(others))]
    }
  }
  return (projects) => {
    order = projects.flatMap(({ project, selected }) => selected.map((file) => keyOf(project, file)))
    left = new Set(projects.flatMap(({ project, all }) => all.map((file) => keyOf(project, file))))
    for (const key of order) left.delete(key)
  }
}

function keyOf({ name }: TestProject, file: string): string {
  return `${name}\0${file}`
}
