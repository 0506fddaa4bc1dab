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
export function renderGithubWorkflow({ manager, shards, configFlag, place, branch }: CiOptions): string {
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
      # Builds the embedded prover and the monitor that measures exactly.
      - uses: actions/setup-go@v5
        with:
          go-version: stable
          cache: false
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

  # The prover that is measured is as safe as what is installed beside it.
  audit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
${install}
      - run: ${audit}
`
}
