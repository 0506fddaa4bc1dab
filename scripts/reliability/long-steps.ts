/** A promise of the project, with the number of repetitions of its long test. */
export interface LongStep {
  /** The promise, with the number. */
  what: string
  files: readonly string[]
  /** Only the tests whose names match; all if absent. */
  pattern?: string
  env: Readonly<Record<string, string>>
}

const ENDS = { PROVEMARK_END_RUNS: '100' }

export const LONG_STEPS: readonly LongStep[] = [
  {
    what: '200 SIGKILLs of processes that append rows to one file: no row lost, none torn',
    files: ['src/row/write.test.ts'],
    env: { PROVEMARK_TEST_KILLS: '200' },
  },
  {
    what: '200 SIGKILLs of a run that is resumed each time: every row there once',
    files: ['src/run/resume.all.test.ts'],
    pattern: 'killed again and again',
    env: { PROVEMARK_TEST_KILLS: '200' },
  },
  {
    what: '100 ends each of provers that ignore SIGTERM, fork 50 children, escape, or close their output: nothing alive after 2 s',
    files: ['src/process/nothing-left.test.ts'],
    env: ENDS,
  },
  {
    what: '100 runs of Vitest each, ended by Ctrl+C, SIGTERM, a timeout, kill -9 of its worker, kill -9 of its main process: nothing alive after 2 s',
    files: ['src/run/nothing-left.test.ts'],
    env: ENDS,
  },
  {
    what: '50 runs of Vitest with budgets and without a change: exit code 0 each',
    files: ['src/run/gate.all.test.ts'],
    pattern: 'a run without a change',
    env: { PROVEMARK_GATE_RUNS: '50' },
  },
  {
    what: 'spikes of 256 MB under 50 ms, 100 runs of each kind: all seen',
    files: ['src/process/peak-memory.test.ts'],
    env: { PROVEMARK_SPIKE_RUNS: '100' },
  },
  {
    what: '100,000 mutated ONNX files: a model or a typed error',
    files: ['src/model/fuzz.test.ts'],
    env: { PROVEMARK_FUZZ_MODELS: '100000' },
  },
  {
    what: '100,000 mutated lines of JSONL: a row or a typed error',
    files: ['src/row/read.test.ts'],
    env: { PROVEMARK_TEST_FUZZ: '100000' },
  },
  {
    what: '100,000 mutated outputs of provers: a report, whatever they hold',
    files: ['src/prover/read-report.test.ts'],
    env: { PROVEMARK_FUZZ_RUNS: '100000' },
  },
  {
    what: '10,000 mutated configs, and as many command lines and environments: a plan or a typed error',
    files: ['src/config/fuzz.test.ts'],
    env: { PROVEMARK_TEST_FUZZ_CONFIGS: '10000' },
  },
  {
    what: '10 GB of output, with newlines and without: under 512 MB',
    files: ['src/run/flood.test.ts'],
    env: { PROVEMARK_TEST_FLOOD_MB: '10000' },
  },
]
