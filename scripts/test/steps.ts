import { join } from 'node:path'

export interface Step {
  name: string
  command: string
  args: readonly string[]
  /** Folder below the project's root. */
  cwd?: string
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>
  /** What the step is counted by: its exit code, Vitest's JSON report, or `go test -json`. */
  counts: 'step' | 'vitest' | 'go'
}

export const VITEST_REPORT = 'node_modules/.cache/provemark-vitest.json'

const GO = join(import.meta.dirname, 'go.ts')
const GO_TEST = { command: 'node', args: [GO, 'test', '-json', './...'], counts: 'go' } as const

const VITEST = {
  command: 'vitest',
  args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`],
  counts: 'vitest',
} as const

// Packing must not rebuild what the tests are running on.
const PACK = { env: { npm_config_ignore_scripts: 'true' }, counts: 'step' } as const

/** What the other steps read. */
export const BUILD: Step = {
  name: 'build',
  command: 'tsdown',
  args: ['--logLevel', 'error'],
  counts: 'step',
}

/** Run in parallel with the tests, which spend much of their time waiting for processes; the cheap ones first. */
const CHECKS: readonly Step[] = [
  { name: 'format', command: 'oxfmt', args: ['--check', '.'], counts: 'step' },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'], counts: 'step' },
  { name: 'types', command: 'tsc', args: [], counts: 'step' },
  // The build writes declarations that are broken, says so, and ends with 0.
  { name: 'declarations', command: 'tsc', args: ['-p', 'tsconfig.build.json'], counts: 'step' },
  { name: 'types of the report', command: 'tsc', args: ['-p', 'src/report/client'], counts: 'step' },
  { name: 'gofmt and vet', command: 'node', args: ['scripts/test/check-go.ts'], counts: 'step' },
  { name: 'embedded prover', cwd: 'src/prover/gnark', ...GO_TEST },
  { name: 'monitor', cwd: 'src/process/monitor', ...GO_TEST },
  { name: 'generated docs', command: 'node', args: ['scripts/generate-docs.ts', '--check'], counts: 'step' },
  { name: 'dead code', command: 'knip', args: [], counts: 'step' },
  { name: 'package shape', command: 'publint', args: ['--strict'], ...PACK },
  { name: 'package types', command: 'attw', args: ['--pack', '.', '--profile', 'esm-only'], ...PACK },
]

export const LANES: readonly (readonly Step[])[] = [[{ name: 'tests', ...VITEST }], CHECKS]

/** Real provers from registries, installed and run as a reader would. */
const EXAMPLES = ['one-process', 'service', 'circom', 'o1js'].map((name): Step => ({
  name: `example ${name}`,
  command: 'node',
  args: ['scripts/example.ts', name],
  counts: 'step',
}))

/** What `npm run test:all` runs in addition. */
export const LONG_STEPS: readonly Step[] = [
  {
    name: 'long tests',
    ...VITEST,
    args: [...VITEST.args, '--config', 'scripts/test/vitest.all.config.ts', '--root', '.'],
  },
  ...EXAMPLES,
]
