import { join, relative, sep } from 'node:path'
import { type ComparedProver, renderGithubWorkflow, type CiOptions } from './github-workflow.ts'
import { renderGitlabCi } from './gitlab-ci.ts'
import type { Ci, Project } from './find-project.ts'
import { TEMPLATES, type TemplateName } from './templates.ts'

/** Where the generated jobs go if the project has its own, which must then include this file. */
export const GITLAB_INCLUDE = '.gitlab/provemark.yml'

export interface PlannedFile {
  /** Relative to the project. */
  path: string
  text: string
}

export interface PlannedFiles {
  files: PlannedFile[]
  /** Vitest flags that select the config; '' if Vitest finds it by itself. */
  configFlag: string
}

/** The files that a project needs. An existing Vitest config is never changed; a new one is created next to it. */
export function planFiles(
  project: Project,
  template: TemplateName,
  ci: Ci,
  compare?: ComparedProver,
): PlannedFiles {
  const { benches, config, shards } = TEMPLATES[template]
  const { manager, repository, ending } = project
  const name = project.hasViteConfig ? 'vitest.bench.config' : 'vitest.config'
  const path = project.ownConfig ?? `${name}.${ending}`
  const configFlag = path.startsWith('vitest.bench.') ? ` --config ${path}` : ''
  const sources = Object.entries(benches).map(([track, text]) => ({
    // A second file with the same track would be refused, whatever its ending.
    path:
      project.benches.find((file) => file.startsWith(`bench/${track}.bench.`)) ??
      `bench/${track}.bench.${ending}`,
    text,
  }))
  // The project's plain benches keep running under its own config, which has their plugins and aliases.
  const include = configFlag ? sources.map((source) => source.path) : []
  return {
    configFlag,
    files: [
      { path, text: renderConfig(config(project.models), include) },
      ...sources,
      ...planCi(project, ci, { manager, shards, configFlag, compare, ...repository }),
    ],
  }
}

function planCi(
  { folder, repository, hasGitlabCi: isIncluded }: Project,
  ci: Ci,
  options: CiOptions,
): PlannedFile[] {
  // CI reads its files only at the root of the repository.
  const atRoot = (path: string) => relative(folder, join(repository.root, path)).replaceAll(sep, '/')
  if (ci === 'github')
    return [{ path: atRoot('.github/workflows/provemark.yml'), text: renderGithubWorkflow(options) }]
  if (ci === 'gitlab') {
    const path = isIncluded ? GITLAB_INCLUDE : '.gitlab-ci.yml'
    return [{ path: atRoot(path), text: renderGitlabCi({ ...options, isIncluded }) }]
  }
  return []
}

function renderConfig(options: readonly string[], include: readonly string[]): string {
  const lines = [
    '// quick is small enough for every change; full has the sizes of a paper.',
    "profile: 'quick',",
    ...options,
    'gate: {',
    '  // Made by npx provemark baseline update, and committed.',
    "  baseline: 'bench/baseline.jsonl',",
    '  // Counters are exact: any increase is a finding. Times and memory need several iterations to be judged.',
    '  // A prover without totalCost: name one of its counters (ecc.NAME), or remove the budget.',
    "  budgets: [{ metric: 'ecc.totalCost', max: '0%' }],",
    '},',
  ]
  const test = include.length
    ? `  // The bench files with tracks; plain benches run under the project's own config. Add yours here.
  test: { benchmark: { include: [${include.map((file) => `'${file}'`).join(', ')}] } },
`
    : ''
  return `import { provemark } from 'provemark/plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    provemark({
${lines.map((line) => `      ${line}`).join('\n')}
    }),
  ],
${test}})
`
}
