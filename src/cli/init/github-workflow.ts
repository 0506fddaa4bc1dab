import type { PackageManager } from './package-manager.ts'

export interface CiOptions {
  manager: PackageManager
  /** Number of machines that share the points. */
  shards: number
  /** Vitest flags that the project needs to find its config: ` --config vitest.bench.config.ts`. */
  configFlag: string
  /** The project's path relative to the root of its repository; empty if it is the root. */
  place: string
  /** The branch that changes are merged into. */
  branch: string
  /** The prover of the repository, to compare a change with its base; undefined if it has none that is built here. */
  compare?: ComparedProver | undefined
}

export interface ComparedProver {
  /** Side of a comparison without its ref: `NAME,bin=PATH`. */
  prover: string
  /** Command that builds it in a checkout. */
  build: string
}

/**
 * The command that compares a change with its base on one machine, in turns.
 * @param base shell expression of the branch that the change goes to
 */
export function renderCompare(
  { run, configFlag, compare }: { run: string; configFlag: string; compare: ComparedProver },
  base: string,
): string[] {
  const side = (ref: string) => `"${compare.prover},ref=${ref}"`
  return [
    `${run} provemark compare --until-decided 10m${configFlag}`,
    `--a ${side(`origin/${base}`)} --b ${side('HEAD')}`,
    `--build '${compare.build.replaceAll("'", String.raw`'\''`)}'`,
    '--budget time_s=+5% --budget mem_mb=+5% --markdown compare.md',
  ]
}

/** Steps that install the package manager and the packages. npm comes with Node. */
function installSteps({ name, install, isPinned }: PackageManager): string {
  const node = `      - uses: actions/setup-node@v4
        with:
          node-version: 24${name === 'bun' ? '' : `\n          cache: ${name}`}`
  const own = {
    npm: '',
    pnpm: `      - uses: pnpm/action-setup@v4\n${isPinned ? '' : '        with:\n          version: latest\n'}`,
    yarn: '      - run: corepack enable\n',
    bun: '      - uses: oven-sh/setup-bun@v2\n',
  }[name]
  return `${own}${node}\n      - run: ${install}`
}

/** A GitHub workflow: shards as a matrix, then card, rows, gate and report of the merged run, and an audit. */
export function renderGithubWorkflow(options: CiOptions): string {
  const { manager, shards, configFlag, place, branch, compare } = options
  const { run, audit } = manager
  const install = installSteps(manager)
  const at = place ? `${place}/` : ''
  const matrix = Array.from({ length: shards }, (_, i) => i + 1).join(', ')
  return `# zkML prover benchmarks: each shard runs its part of the points on a machine of its own, and the gate judges the
# whole. More machines: add numbers to the matrix.
name: provemark

on:
  push:
    branches: [${branch}]
  pull_request:
  workflow_call:
  workflow_dispatch:

permissions:
  contents: read
${place ? `\ndefaults:\n  run:\n    working-directory: ${place}\n` : ''}
# Two runs at once would not spoil each other's figures, but an outdated one is of no use.
concurrency:
  group: provemark-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
  bench:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [${matrix}]
    steps:
      - uses: actions/checkout@v4
${install}
      - run: >-
          ${run} vitest bench${configFlag}
          --shard=\${{ matrix.shard }}/\${{ strategy.job-total }}
          --reporter=default --reporter=blob --outputFile.blob=blobs/\${{ matrix.shard }}.json
      - uses: actions/upload-artifact@v4
        if: \${{ !cancelled() }}
        with:
          name: shard-\${{ matrix.shard }}
          path: ${at}blobs

  gate:
    needs: bench
    # A phase that failed in a shard has to show in the whole.
    if: \${{ !cancelled() }}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          # A baseline of the form git:REF is read from the history.
          fetch-depth: 0
${install}
      - uses: actions/download-artifact@v4
        with:
          pattern: shard-*
          path: ${at}blobs
          merge-multiple: true
      # The card, the rows and the verdicts of the whole; exit code 1 is a regression, 2 that nothing was judged.
      - run: ${run} vitest bench${configFlag} --merge-reports=blobs
      - run: ${run} provemark report benchmarking/*.jsonl -o report.html
        if: \${{ !cancelled() }}
      - uses: actions/upload-artifact@v4
        if: \${{ !cancelled() }}
        with:
          name: provemark
          path: |
            ${at}report.html
            ${at}benchmarking/*.jsonl

${compare ? renderCompareJob({ ...options, compare }, install) : ''}  # The measured prover is only as safe as the packages installed next to it.
  audit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
${install}
      - run: ${audit}
`
}

/** Times depend on the machine, so base and head are built and measured on one, in turns. */
function renderCompareJob(options: CiOptions & { compare: ComparedProver }, install: string): string {
  const { manager, configFlag, compare, place } = options
  const command = renderCompare({ run: manager.run, configFlag, compare }, '$BASE')
  return `  # Times depend on the machine: base and head are built on one, and measured in turns until the limits are decided.
  # Counters, sizes and digests do not, and are judged against the committed baseline above.
  compare:
    if: \${{ github.event_name == 'pull_request' }}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          # The base is checked out from the history.
          fetch-depth: 0
${install}
      - run: >-
          ${command.join('\n          ')}
        env:
          BASE: \${{ github.base_ref }}
      - uses: actions/upload-artifact@v4
        if: \${{ !cancelled() }}
        with:
          name: compare
          path: |
            ${place ? `${place}/` : ''}compare.md
            ${place ? `${place}/` : ''}benchmarking/*.jsonl

`
}
