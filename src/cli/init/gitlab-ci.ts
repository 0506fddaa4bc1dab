import { type CiOptions, renderCompare } from './github-workflow.ts'
import type { PackageManager } from './package-manager.ts'

/** Job name by which a file with the generated jobs is recognized. */
export const GITLAB_JOB = 'provemark:bench'

const BEFORE: Record<PackageManager['name'], string[]> = {
  npm: [],
  pnpm: ['corepack enable'],
  yarn: ['corepack enable'],
  bun: ['npm install --global bun'],
}

interface GitlabOptions extends CiOptions {
  /** The jobs are included next to others, which define the stages. Only .post always exists. */
  isIncluded?: boolean
}

/** Jobs for GitLab: shards by `parallel`, then card, rows, gate and report of the merged run, and an audit. */
export function renderGitlabCi(options: GitlabOptions): string {
  const { manager, shards, configFlag, place, isIncluded, compare } = options
  const { name, install, run, audit } = manager
  const at = place ? `${place}/` : ''
  const enter = place ? [`cd ${place}`] : []
  const before = [...enter, ...BEFORE[name], install].map((line) => `    - ${line}`).join('\n')
  const stage = (own: string, needs: string) =>
    isIncluded ? `stage: .post\n  needs: [${needs}]` : `stage: ${own}`
  return `# zkML prover benchmarks: each shard runs its part of the points on a runner of its own, and the gate judges the
# whole. More runners: raise parallel.
${isIncluded ? '' : 'stages: [bench, gate]\n\n'}.provemark:
  image: node:24-bookworm
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  before_script:
${before}

${GITLAB_JOB}:
  extends: .provemark
  ${stage('bench', '')}
  parallel: ${Math.max(2, shards)}
  script:
    - >-
      ${run} vitest bench${configFlag}
      --shard=$CI_NODE_INDEX/$CI_NODE_TOTAL
      --reporter=default --reporter=blob --outputFile.blob=blobs/$CI_NODE_INDEX.json
  # A phase that failed in a shard has to show in the whole: the gate runs all the same, and fails for it.
  allow_failure: true
  artifacts:
    when: always
    paths: [${at}blobs]
    expire_in: 1 week

provemark:gate:
  extends: .provemark
  ${stage('gate', GITLAB_JOB)}
  variables:
    # A baseline of the form git:REF is read from the history.
    GIT_DEPTH: 0
  script:
    # The card, the rows and the verdicts of the whole; exit code 1 is a regression, 2 that nothing was judged.
    - ${run} vitest bench${configFlag} --merge-reports=blobs -- --junit gate.xml
  after_script:
${enter.map((line) => `    - ${line}\n`).join('')}    - ${run} provemark report benchmarking/*.jsonl -o report.html
  artifacts:
    when: always
    paths: [${at}report.html, ${at}benchmarking/*.jsonl]
    reports:
      junit: ${at}gate.xml

${compare ? renderCompareJob(renderCompare({ run, configFlag, compare }, '$CI_MERGE_REQUEST_TARGET_BRANCH_NAME'), stage('bench', ''), at) : ''}# The measured prover is only as safe as the packages installed next to it.
provemark:audit:
  extends: .provemark
  ${stage('bench', '')}
  script:
    - ${audit}
`
}

/** Times depend on the machine, so base and head are built and measured on one, in turns. */
function renderCompareJob(command: readonly string[], stage: string, at: string): string {
  return `# Times depend on the machine: base and head are built on one, and measured in turns until the limits are decided.
# Counters, sizes and digests do not, and are judged against the committed baseline above.
provemark:compare:
  extends: .provemark
  ${stage}
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    # The base is checked out from the history.
    GIT_DEPTH: 0
  script:
    - git fetch origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - >-
      ${command.join('\n      ')}
  artifacts:
    when: always
    paths: [${at}compare.md, ${at}benchmarking/*.jsonl]

`
}
