import { join } from 'node:path'

export interface Step {
  name: string
  command: string
  args: readonly string[]
  /** Folder below the project's root. */
  cwd?: string
  /** On top of the environment. */
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

/** Cheap checks first: a typo should not cost minutes. */
export const STEPS: readonly Step[] = [
  { name: 'format', command: 'oxfmt', args: ['--check', '.'], counts: 'step' },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'], counts: 'step' },
  { name: 'types', command: 'tsc', args: [], counts: 'step' },
  { name: 'types of the report', command: 'tsc', args: ['-p', 'src/report/client'], counts: 'step' },
  { name: 'generated docs', command: 'node', args: ['scripts/generate-docs.ts', '--check'], counts: 'step' },
  { name: 'build', command: 'tsdown', args: ['--logLevel', 'error'], counts: 'step' },
  { name: 'dead code', command: 'knip', args: [], counts: 'step' },
  { name: 'package shape', command: 'publint', args: ['--strict'], counts: 'step' },
  { name: 'package types', command: 'attw', args: ['--pack', '.', '--profile', 'esm-only'], counts: 'step' },
  { name: 'gofmt and vet', command: 'node', args: ['scripts/test/check-go.ts'], counts: 'step' },
  { name: 'embedded prover', cwd: 'src/prover/gnark', ...GO_TEST },
  { name: 'launcher', cwd: 'src/measure/launcher', ...GO_TEST },
  { name: 'tests', ...VITEST },
]

/** What `npm run test:all` runs beside. */
export const LONG_STEPS: readonly Step[] = [
  {
    name: 'long tests',
    ...VITEST,
    args: [...VITEST.args, '--config', 'scripts/test/vitest.all.config.ts', '--root', '.'],
  },
]
