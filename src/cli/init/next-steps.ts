import type { Project } from './find-project.ts'
import { GITLAB_INCLUDE, type PlannedFiles } from './plan-files.ts'
import packageJson from '../../../package.json' with { type: 'json' }

/** What the user still has to do, one command per line. */
export function listNextSteps(
  project: Project,
  { files, configFlag }: PlannedFiles,
  template: string,
  isCompared: boolean,
): string[] {
  const { manager, models } = project
  const missing = listMissing(project, template)
  const bench = `${manager.run} vitest bench${configFlag}`
  return [
    ...(missing.length ? [`${manager.add} ${missing.join(' ')}`] : []),
    ...(template === 'models' && !models.length
      ? ['name your ONNX files in the config: tracks.models.model']
      : []),
    `${bench} -- --allow-missing    # the first run has nothing to be judged against`,
    `${manager.run} provemark baseline update    # writes bench/baseline.jsonl: commit it`,
    ...(project.ignoresRows
      ? []
      : ['echo benchmarking/ >> .gitignore    # rows of runs, unless they are kept in the repository']),
    ...(isCompared
      ? []
      : [
          "a prover built in this repository: init again with --compare 'NAME,bin=PATH' --build COMMAND, and CI compares changes with their base",
        ]),
    ...(files.some(({ path }) => path.endsWith(GITLAB_INCLUDE))
      ? [`include our jobs in .gitlab-ci.yml: include: { local: ${GITLAB_INCLUDE} }`]
      : []),
  ]
}

function listMissing({ dependencies }: Project, template: string): string[] {
  const vitest = packageJson.peerDependencies.vitest
  const has = (name: string) => name in dependencies
  return [
    ...(has('provemark') ? [] : ['provemark']),
    ...(isMajor(dependencies['vitest'], 5) ? [] : [`vitest@${vitest}`]),
    ...(template === 'suite' && !has('zod') ? ['zod@4'] : []),
  ]
}

/** Whether a range such as `^5.1.0` or `latest` can resolve to that major version. */
function isMajor(range: string | undefined, major: number): boolean {
  const found = range && /\d+/.exec(range)?.[0]
  return range !== undefined && (found === undefined || Number(found) === major)
}
