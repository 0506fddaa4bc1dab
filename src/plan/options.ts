import { resolve } from 'node:path'
import { z } from 'zod'
import { PAGE_CACHE_STATES, PHASES, type Phase } from '../row/schema.ts'
import { samplingSchema } from '../row/statistics/sampling.ts'

/** One value for all phases, or one per phase: `3`, or `{ compile: 1, prove: 5 }`. */
const perPhase = <Value extends z.ZodType>(value: Value) =>
  z.union([value, z.partialRecord(z.enum(PHASES), value)])

const text = z.string().min(1)

/** Iterations of a phase without a setting. */
const DEFAULT_ITERATIONS = 3

/**
 * The options of a run, apart from the parameters of its tracks. Each key is a config key, a flag (with dashes instead
 * of underscores) and an environment variable. Options that cannot change a figure say `affectsFigures: false`, so that
 * runs that differ only in them share a plan. `isPath` values are resolved against the project root.
 */
export const runSchema = z.strictObject({
  profile: z
    .enum(['quick', 'full'])
    .describe('sizes of the built-in tracks')
    .default('quick')
    .meta({ affectsFigures: false }),
  seed: z.int().min(0).describe('seed of weights, inputs and resampling').default(42),
  iterations: perPhase(z.int().min(1))
    .describe('iterations of each phase: 3, or compile=1,prove=5')
    .default(DEFAULT_ITERATIONS),
  sampling: samplingSchema
    .optional()
    .describe(
      'repeat witness, prove and verify until the median time is precise enough: target=0.05,min=6; default: off',
    ),
  provers: z
    .array(
      text.meta({
        expected:
          'a name or the path of a module: worker processes cannot be given a prover itself, only its module',
      }),
    )
    .min(1)
    .describe('NAME[,bin=PATH][,KEY=VALUE], or the path of a module that exports a prover')
    .default(['gnark'])
    .meta({ flag: 'prover', affectsFigures: false }),
  points: z.array(text).optional().meta({
    description: 'run only the points with these ids; default: all',
    commas: true,
    affectsFigures: false,
  }),
  tag: z
    .string()
    .regex(/^[\w.-]*$/, 'letters, digits, dots, dashes and underscores')
    .describe('appended to the ids of the points')
    .default(''),
  results: text
    .optional()
    .describe('JSONL file for the rows of all selected tracks; default: benchmarking/NAME.jsonl for each')
    .meta({ affectsFigures: false }),
  report: text
    .optional()
    .describe(
      'HTML file for the report of all rows in the results files, written when the run ends; default: none',
    )
    .meta({ affectsFigures: false, isPath: true }),
  fsync: z
    .boolean()
    .describe('wait until each row is on the disk itself, so that it survives a power loss')
    .default(false)
    .meta({ affectsFigures: false }),
  onnx_dir: text
    .describe('folder of the generated models')
    .default('benchmarking/onnx')
    .meta({ affectsFigures: false, isPath: true }),
  inputs_dir: text
    .describe('folder of the generated inputs')
    .default('benchmarking/inputs')
    .meta({ affectsFigures: false, isPath: true }),
  input_values: z
    .enum(['uniform', 'normal', 'zero'])
    .describe('values of the generated inputs, in [-1, 1)')
    .default('uniform'),
  threads: z
    .union([z.int().min(1), z.array(z.int().min(1)).min(1)])
    .optional()
    .describe(
      "threads of a phase; with several numbers each is a separate variant; a prover whose threads cannot be set is limited to as many CPUs; default: the prover's own choice",
    ),
  concurrency: z
    .union([z.int().min(1), z.array(z.int().min(1)).min(1)])
    .optional()
    .describe(
      'concurrent proofs, for services and warm provers; with several numbers each is a separate variant; default: 1',
    ),
  timeout_s: perPhase(z.number().positive())
    .optional()
    .describe('longest time that a phase may take, seconds; default: no limit'),
  memory_limit_mb: z
    .int()
    .min(1)
    .optional()
    .describe('most memory that a phase may use, MB; default: no limit'),
  launcher: z.array(text).min(1).optional().meta({
    description:
      'program that starts each phase; the phase is measured inside it: srun, docker, taskset, nice; default: none',
    expected: "a command and its arguments, such as 'srun -n1'",
    words: true,
  }),
  page_cache: z
    .enum(PAGE_CACHE_STATES)
    .describe(
      'drop the files that a phase reads from the page cache before it starts (cold), read them into it (warm), or leave them as they are; part of the variant',
    )
    .default('as-is'),
  memory_guard: z
    .boolean()
    .describe(
      "skip points that need more memory than is free, judging by the prover's own rule or the rows of smaller points",
    )
    .default(true),
  controls: z
    .boolean()
    .describe(
      'after the first successful verify of a point, check that a forged proof and a forged output are rejected',
    )
    .default(false),
  inputs: z
    .int()
    .min(1)
    .describe(
      "number of inputs for which the controls compare the output with the float model: the point's own, and others drawn with the seed",
    )
    .default(1),
  work_dir: text
    .optional()
    .describe("folder of the artifacts during a run; default: the system's temporary folder")
    .meta({ affectsFigures: false, isPath: true }),
  lock: z
    .enum(['wait', 'refuse', 'off'])
    .describe('what to do while another run is using this machine; --no-lock means off')
    .default('wait')
    .meta({ affectsFigures: false }),
  circuit_cache_mb: z
    .int()
    .min(0)
    .describe(
      'largest size of the cache of compiled circuits, MB, for runs that do not measure compile; 0 turns it off',
    )
    .default(4096)
    .meta({ affectsFigures: false }),
  keep: z
    .enum(['none', 'last', 'failed', 'all'])
    .describe(
      'iterations whose artifacts are kept after a point; others are removed as soon as no phase can need them',
    )
    .default('none')
    .meta({ affectsFigures: false }),
  disk_guard: z
    .boolean()
    .describe(
      'skip points and iterations whose artifacts, judging by their last size, do not fit on the disk',
    )
    .default(true)
    .meta({ affectsFigures: false }),
})

export type RunOptions = z.output<typeof runSchema>

/** The options of a run as stored in a plan: every phase has its value, and paths are absolute. */
export interface PlanOptions extends Omit<RunOptions, 'iterations' | 'timeout_s'> {
  iterations: Record<Phase, number>
  /** Seconds; undefined for no limit. */
  timeout_s: Record<Phase, number | undefined>
  work_dir: string
}

export function resolveOptions(run: RunOptions & { work_dir: string }, root: string): PlanOptions {
  const paths = Object.entries(run).flatMap(([key, value]) =>
    typeof value === 'string' && metaOf(key).isPath ? [[key, resolve(root, value)] as const] : [],
  )
  return {
    ...run,
    ...Object.fromEntries(paths),
    iterations: resolveIterations(run),
    timeout_s: forEachPhase<number | undefined>(run.timeout_s, undefined),
  }
}

/** The options that can change a figure. */
export function selectAffecting(options: PlanOptions): Partial<PlanOptions> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => metaOf(key).affectsFigures !== false))
}

const metaOf = (key: string) => (runSchema.shape[key as keyof RunOptions] as z.ZodType).meta() ?? {}

/** With sampling, compile runs once unless its number is set: it is slow, and its figures hardly vary. */
function resolveIterations({ iterations, sampling }: RunOptions): Record<Phase, number> {
  const each = forEachPhase(iterations, DEFAULT_ITERATIONS)
  if (!sampling) return each
  return { ...each, compile: typeof iterations === 'number' ? 1 : each.compile }
}

/** One value for all phases, or one per phase; phases without a value get the default. */
function forEachPhase<Value>(
  given: Value | Partial<Record<Phase, Value>> | undefined,
  missing: Value,
): Record<Phase, Value> {
  const isEach = (value: unknown): value is Partial<Record<Phase, Value>> =>
    typeof value === 'object' && value !== null
  const valueOf = (phase: Phase) => (isEach(given) ? given[phase] : given) ?? missing
  return Object.fromEntries(PHASES.map((phase) => [phase, valueOf(phase)])) as Record<Phase, Value>
}

/** Defaults of a profile, which override those of the schema. */
export const PROFILES: Record<RunOptions['profile'], Partial<z.input<typeof runSchema>>> = {
  quick: { iterations: { compile: 1, witness: 3, prove: 3, verify: 3 }, controls: true },
  full: {},
}
