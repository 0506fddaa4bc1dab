import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import escapeStringRegexp from 'escape-string-regexp'
import packageJson from '../../package.json' with { type: 'json' }
import { ProvemarkError } from '../errors.ts'
import { readTextIfThere } from '../lib/text.ts'
import { defineCommand } from './command.ts'
import { type Ci, findProject, type Project } from './init/find-project.ts'
import { GITLAB_INCLUDE, planFiles, type PlannedFile, type PlannedFiles } from './init/plan-files.ts'
import { TEMPLATES, type TemplateName } from './init/templates.ts'

const CI = ['github', 'gitlab', 'none'] as const
const described = Object.entries(TEMPLATES).map(([name, { description }]) => `${name}: ${description}`)

const templateNames = Object.keys(TEMPLATES) as [TemplateName, ...TemplateName[]]

export default defineCommand({
  description: 'Writes a config, a bench file and a CI workflow into a project, and changes no existing file',
  options: z.object({
    template: z
      .enum(templateNames)
      .optional()
      .describe(`${described.join('; ')}; default: models if the project has ONNX files, otherwise lenet`),
    ci: z
      .enum(CI)
      .optional()
      .describe('CI that runs the benchmarks; default: the one that the project uses, otherwise github'),
    compare: z
      .string()
      .optional()
      .describe(
        'prover that this repository builds: NAME,bin=PATH; changes are compared with their base in CI',
      ),
    build: z.string().optional().describe('command that builds it in a checkout: cargo build --release'),
    dry_run: z.boolean().default(false).describe('print what would be written'),
  }),
  async run({ options }) {
    const project = await findProject(process.cwd())
    const template = options.template ?? (project.models.length ? 'models' : 'lenet')
    const ci = options.ci ?? project.ci
    if ((options.compare === undefined) !== (options.build === undefined) || options.compare?.includes('"')) {
      throw new ProvemarkError(
        'CONFIG_INVALID',
        '--compare and --build go together: a prover, and what builds it',
        {
          hint: "npx provemark init --compare './prover.ts,bin=target/release/prover' --build 'cargo build --release'",
        },
      )
    }
    const { compare: prover, build } = options
    const compare = prover !== undefined && build !== undefined ? { prover, build } : undefined
    const planned = planFiles(project, template, ci, compare)
    const unserved = planned.files.find((file) => file.path.endsWith('.yml') && !isServed(project, file))
    const outdated = listOutdated(project.folder, planned.files, compare?.build)
    for (const file of planned.files) console.log(placeFile(project.folder, file, options.dry_run))
    console.log('\nnext:')
    const next = listNextSteps(project, planned, template, compare !== undefined || ci === 'none')
    const advice = unserved ? adviseOnCi(project, unserved.path, ci) : []
    for (const step of [...outdated, ...next, ...advice]) console.log(`  ${step}`)
  },
})

/** What is missing in files that stay as they are. */
function listOutdated(folder: string, files: readonly PlannedFile[], build: string | undefined): string[] {
  return files.flatMap((file) => {
    const unlisted = files.filter(({ path }) => path.startsWith('bench/') && lacks(folder, file, path))
    const names = unlisted.map(({ path }) => path).join(', ')
    return [
      ...(names ? [`check that test.benchmark.include in ${file.path} has ${names}`] : []),
      ...(build !== undefined && lacks(folder, file, build)
        ? [`remove ${file.path} and init again: it was there, and has no job that compares`]
        : []),
    ]
  })
}

/** Whether a file stays as it is that would have to contain a text. */
function lacks(folder: string, { path, text }: PlannedFile, needed: string): boolean {
  const target = join(folder, path)
  return text.includes(needed) && existsSync(target) && !readFileSync(target, 'utf8').includes(needed)
}

/** Whether CI runs this package: by the file to be written, or by one beside it that names the package's folder. */
function isServed({ folder, repository: { place } }: Project, { path }: PlannedFile): boolean {
  const target = join(folder, path)
  if (!existsSync(target)) return true
  const texts = readdirSync(dirname(target))
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => readTextIfThere(join(dirname(target), name)).replaceAll(/ *#.*$/gm, ''))
    .filter((text) => text.includes('vitest bench'))
  const entered = place ? `["']?(?:\\./)?${escapeStringRegexp(place)}/?["']? *$` : ''
  const enters = new RegExp(`^ +(?:working-directory:|- cd) +${entered}`, 'm')
  return texts.some((text) => enters.test(text) === Boolean(place))
}

/** What to do if the file of another package is in the way. */
function adviseOnCi({ repository: { place } }: Project, path: string, ci: Ci): string[] {
  return [
    `CI does not run this package: ${path} does not name ${place || 'the root of the repository'}`,
    ci === 'github'
      ? '  give that file another name, and in it another name and concurrency.group; then init again'
      : `  copy its provemark jobs under other names, ${place ? `with cd ${place}` : 'without cd'} in before_script`,
  ]
}

/** Writes a file unless it exists, and returns what was done. */
function placeFile(folder: string, { path, text }: PlannedFile, isDryRun: boolean): string {
  const target = join(folder, path)
  if (existsSync(target)) return `kept   ${path}`
  if (isDryRun) return `would write ${path}`
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text, { flag: 'wx' })
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'check that the project is writable; files written so far stay, and the next init keeps them',
    })
  }
  return `wrote  ${path}`
}

/** What the user still has to do, one command per line. */
function listNextSteps(
  project: Project,
  { files, configFlag }: PlannedFiles,
  template: string,
  isCompared: boolean,
): string[] {
  const { manager, models } = project
  const missing = listMissing(project, template)
  const bench = `${manager.run} vitest bench${configFlag}`
  const steps = [
    missing.length > 0 && `${manager.add} ${missing.join(' ')}`,
    template === 'models' && !models.length && 'name your ONNX files in the config: tracks.models.model',
    `${bench} -- --allow-missing    # the first run has nothing to be judged against`,
    `${manager.run} provemark baseline update    # writes bench/baseline.jsonl: commit it`,
    !project.ignoresRows &&
      'echo benchmarking/ >> .gitignore    # rows of runs, unless they are kept in the repository',
    !isCompared &&
      "a prover built in this repository: init again with --compare 'NAME,bin=PATH' --build COMMAND, and CI compares changes with their base",
    files.some(({ path }) => path.endsWith(GITLAB_INCLUDE)) &&
      `include our jobs in .gitlab-ci.yml: include: { local: ${GITLAB_INCLUDE} }`,
  ]
  return steps.filter((step) => step !== false)
}

function listMissing({ dependencies, manager }: Project, template: string): string[] {
  const packages = [
    !('provemark' in dependencies) && 'provemark',
    !isMajor(dependencies['vitest'], 5) && `vitest@${packageJson.peerDependencies.vitest}`,
    // Yarn installs no peer dependencies.
    manager.name === 'yarn' && !('vite' in dependencies) && 'vite@8',
    template === 'suite' && !('zod' in dependencies) && 'zod@4',
  ]
  return packages.filter((name) => name !== false)
}

/** Whether a range such as `^5.1.0` or `latest` can resolve to that major version. */
function isMajor(range: string | undefined, major: number): boolean {
  const found = range && /\d+/.exec(range)?.[0]
  return range !== undefined && (found === undefined || Number(found) === major)
}
