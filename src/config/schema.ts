import { z } from 'zod'
import { PHASES } from '../row/schema.ts'
import { samplingSchema } from '../row/statistics/sampling.ts'

/** One value for every phase, or one for each: `3`, or `{ compile: 1, prove: 5 }`. */
const perPhase = <Value extends z.ZodType>(value: Value) =>
  z.union([value, z.partialRecord(z.enum(PHASES), value)])

const text = z.string().min(1)

/** Repetitions of a phase that nothing is said of. */
export const DEFAULT_ITERATIONS = 3

/** Everything a run can be told beside the parameters of its tracks. Each key is a flag, with dashes for underscores. */
export const runSchema = z.strictObject({
  profile: z.enum(['quick', 'full']).describe('sizes of the built-in tracks').default('quick'),
  seed: z.number().int().min(0).describe('seed of weights, inputs and resampling').default(42),
  iterations: perPhase(z.number().int().min(1))
    .describe('repetitions of each phase: 3, or compile=1,prove=5')
    .default(DEFAULT_ITERATIONS),
  sampling: samplingSchema
    .optional()
    .describe(
      'repeat witness, prove and verify until the median time is known well enough, target=0.05,min=6; default: off',
    ),
  provers: z
    .array(
      text.meta({
        expected:
          'a name or the path of a module: a prover itself cannot cross into worker processes, its module can',
      }),
    )
    .min(1)
    .describe('NAME[,bin=PATH][,KEY=VALUE], or the path of a module that exports a prover')
    .default(['gnark'])
    .meta({ flag: 'prover' }),
  points: z
    .array(text)
    .optional()
    .meta({ description: 'run only the points with these ids; default: all', commas: true }),
  tag: z
    .string()
    .regex(/^[\w.-]*$/, 'letters, digits, dots, dashes and underscores')
    .describe('appended to the ids of the points')
    .default(''),
  results: text
    .optional()
    .describe('JSONL file for the rows of all selected tracks; default: benchmarking/NAME.jsonl for each'),
  report: text
    .optional()
    .describe(
      'HTML file for the report of all rows in the results files, written when the run ends; default: none',
    ),
  fsync: z
    .boolean()
    .describe('wait until each row is on the disk itself: it outlives a loss of power')
    .default(false),
  onnx_dir: text.describe('folder of the generated models').default('benchmarking/onnx'),
  inputs_dir: text.describe('folder of the generated inputs').default('benchmarking/inputs'),
  input_values: z
    .enum(['uniform', 'normal', 'zero'])
    .describe('values of the generated inputs, in [-1, 1)')
    .default('uniform'),
  threads: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("threads of a phase; default: the prover's own choice"),
  timeout_s: perPhase(z.number().positive())
    .optional()
    .describe('longest time that a phase may take, seconds; default: no limit'),
  memory_limit_mb: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('memory that a phase may use, MB; default: no limit'),
  launcher: z.array(text).min(1).optional().meta({
    description:
      'program that each phase is started behind, measured inside it: srun, docker, taskset, nice; default: none',
    expected: "a command and its arguments, as 'srun -n1'",
    words: true,
  }),
  memory_guard: z
    .boolean()
    .describe(
      "skip points that, by the prover's own rule or the rows of smaller points, need more memory than is free",
    )
    .default(true),
  controls: z
    .boolean()
    .describe(
      'after the first good verify of a point, check that a forged proof and a forged output are rejected',
    )
    .default(false),
  work_dir: text
    .optional()
    .describe("folder of the artifacts while a run lasts; default: the system's temporary folder"),
  lock: z
    .enum(['wait', 'refuse', 'off'])
    .describe('what to do while another run is on this machine; --no-lock is off')
    .default('wait'),
  circuit_cache_mb: z
    .number()
    .int()
    .min(0)
    .describe(
      'most that compiled circuits kept for runs that do not measure compile may take, MB; 0 keeps none',
    )
    .default(4096),
  keep: z
    .enum(['none', 'last', 'failed', 'all'])
    .describe("which iterations' artifacts stay after a point; others go as soon as no phase can need them")
    .default('none'),
  disk_guard: z
    .boolean()
    .describe('skip points and iterations whose artifacts, by what they took before, do not fit on the disk')
    .default(true),
})

export type RunOptions = z.output<typeof runSchema>

/** What a command line and the environment can say, and the config cannot. */
export const commandSchema = z.strictObject({
  shard: z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/)
    .refine((given) => {
      const [index, count] = given.split('/').map(Number)
      return index! <= count!
    })
    .optional()
    .meta({
      description: 'run only this part of the points, balanced by what they cost; default: all of them',
      expected: 'INDEX/COUNT as 2/4, INDEX at most COUNT',
    }),
  run_id: z
    .string()
    .regex(/^\w[\w.-]{0,99}$/)
    .optional()
    .meta({
      description:
        "id of the run in its rows, the same for all its shards; default: the CI run's for a shard, else random",
      expected: 'letters, digits, dots, dashes and underscores, at most 100',
    }),
  sweep: z.array(text).optional().meta({ description: 'run only these tracks; default: all', commas: true }),
  interleave: z
    .boolean()
    .describe('let the iterations of two provers take turns, and judge the second against the first')
    .default(false),
  resume: z
    .boolean()
    .describe('go on where the last run of the same plan stopped: what has a row is not run again')
    .default(false),
  retry_failed: z.boolean().describe('with --resume: run again what failed').default(false),
  dry_run: z.boolean().describe('print the points and run nothing').default(false),
  help: z.boolean().describe('print the flags with their defaults and run nothing').default(false),
})

export type CommandOptions = z.output<typeof commandSchema>

/** Defaults of a profile, over those of the schema. */
export const PROFILES: Record<RunOptions['profile'], Partial<z.input<typeof runSchema>>> = {
  quick: { iterations: { compile: 1, witness: 3, prove: 3, verify: 3 }, controls: true },
  full: {},
}
