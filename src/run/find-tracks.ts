import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type TestProject, type Vitest, BaseSequencer, parseCLI, type TestSpecification } from 'vitest/node'
import { inheritConfig } from '../config/layers.ts'
import { ProvemarkError } from '../errors.ts'
import { compareNaturally } from '../lib/names.ts'
import { discoverTracks, type DiscoveredTrack } from '../track/discover.ts'
import type { GatheredProject } from './gather.ts'

/** A project of the run with the bench files that it runs. */
export interface BenchProject {
  project: TestProject
  /** The user's name for it; Vitest calls its bench part `NAME (bench)`. */
  name: string
  config: Readonly<Record<string, unknown>>
  /** Files with tracks that this project runs. */
  files: string[]
  /** Files with tracks that another project runs. */
  others: string[]
}

export interface FoundTracks extends BenchProject {
  discovered: DiscoveredTrack[]
  /** The tracks that Vitest's file filter includes. */
  included: DiscoveredTrack[]
}

/** All bench files of the projects, sorted into those with and without tracks. */
export async function findProjects(gathered: readonly GatheredProject[]): Promise<BenchProject[]> {
  const found: BenchProject[] = []
  for (const { project, configs } of gathered) {
    const config = configs.reduce<Readonly<Record<string, unknown>>>(inheritConfig, {})
    const files = await findTrackFiles(project)
    const isElsewhere = (file: string) =>
      found.some((other) => other.files.includes(file) && measuresAlike(other, { project, config }))
    found.push({
      project,
      name: project.name.replace(/ \(bench\)$/, ''),
      config,
      files: isInBrowser(project) ? [] : files.filter((file) => !isElsewhere(file)),
      others: isInBrowser(project) ? files : files.filter(isElsewhere),
    })
  }
  for (const { name, project, others } of found.filter((own) => isInBrowser(own.project))) {
    const alone = others.find((file) => !found.some(({ files }) => files.includes(file)))
    if (alone !== undefined) throw refuseBrowser(name, relative(project.config.root, alone))
  }
  return found
}

/** Whether Vitest's filters include a file with tracks, or no bench file at all, so that an empty run gets reported. */
export async function isOurRun(vitest: Vitest, projects: readonly BenchProject[]): Promise<boolean> {
  const own = new Set(projects.flatMap(({ project, files }) => files.map((file) => keyOf(project, file))))
  const included = await Promise.all(
    vitest.projects.map(async (project) => (await findIncluded(project)).map((file) => keyOf(project, file))),
  )
  return !included.flat().length || included.flat().some((key) => own.has(key))
}

/** Loads the tracks of each project, one project at a time: otherwise it is unclear which tracks belong to which. */
export async function findTracks(
  projects: readonly BenchProject[],
  rerun: number | undefined,
): Promise<FoundTracks[]> {
  const found: FoundTracks[] = []
  for (const own of projects) {
    const discovered = await discoverTracks(own.files, own.project, rerun)
    const files = new Set(await findIncluded(own.project))
    found.push({ ...own, discovered, included: discovered.filter(({ file }) => files.has(file)) })
  }
  return found
}

async function findTrackFiles(project: TestProject): Promise<string[]> {
  const { testFiles } = await project.globTestFiles()
  const files = testFiles.toSorted(compareNaturally)
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return files.filter((_, i) => texts[i]!.includes('defineTrack'))
}

/**
 * Projects in one folder share their bench files. If both measured a file in the same way, their rows could not be told
 * apart.
 */
function measuresAlike(a: BenchProject, b: Pick<BenchProject, 'project' | 'config'>): boolean {
  return a.project.config.root === b.project.config.root && isDeepStrictEqual(a.config, b.config)
}

function isInBrowser({ config }: TestProject): boolean {
  return config.browser.enabled
}

function refuseBrowser(project: string, file: string): ProvemarkError {
  return new ProvemarkError(
    'CONFIG_INVALID',
    `${file} is only in project ${project}, which runs in a browser`,
    {
      hint: 'provers are processes: give the file to a project that runs in Node, by test.benchmark.include',
    },
  )
}

/** The bench files of a project that Vitest's own file filters include: `depth` in `npx vitest bench depth`. */
async function findIncluded(project: TestProject): Promise<string[]> {
  const filters = parseCLI(['vitest', ...process.argv.slice(2)]).filter.map(String)
  return (await project.globTestFiles(filters)).testFiles
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
