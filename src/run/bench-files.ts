import { isAbsolute, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { BaseSequencer, parseCLI, type TestProject, type TestSpecification, type Vitest } from 'vitest/node'
import type { DiscoveredTrack } from '../track/discover.ts'

/** The bench files of a project, found as Vitest finds them. */
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

/** Whether Vitest's filters leave a file in, by the rule that Vitest itself follows. */
export function isIncluded(file: string, filters: readonly string[], root: string): boolean {
  const path = relative(root, file).toLowerCase()
  return (
    !filters.length ||
    filters.some((filter) =>
      isAbsolute(filter) ? file.startsWith(filter) : path.includes(filter.replace(/^\.\//, '').toLowerCase()),
    )
  )
}

/**
 * Runs the files of the selected tracks in their order, then the bench files that define no track. Tracks are sharded
 * by the points of the plan: of the files, only those without a track are left to Vitest's own shards.
 */
export function runOnly(
  vitest: Vitest,
  selected: readonly DiscoveredTrack[],
  all: readonly DiscoveredTrack[],
): void {
  const order = [...new Set(selected.map(({ file }) => file))]
  const left = new Set(all.map(({ file }) => file).filter((file) => !order.includes(file)))
  vitest.config.sequence.sequencer = class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const rank = ({ moduleId }: TestSpecification) =>
        order.includes(moduleId) ? order.indexOf(moduleId) : order.length
      return files.filter(({ moduleId }) => !left.has(moduleId)).toSorted((a, b) => rank(a) - rank(b))
    }

    override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
      const tracks = files.filter(({ moduleId }) => order.includes(moduleId))
      const others = files.filter(({ moduleId }) => !order.includes(moduleId) && !left.has(moduleId))
      return [...tracks, ...(await super.shard(others))]
    }
  }
}
