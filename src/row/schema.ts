import { z } from 'zod'
import { PHASES } from './phases.ts'

export { PHASES }
export const phaseSchema = z.enum(PHASES)
export type Phase = z.infer<typeof phaseSchema>

const STATUSES = ['ok', 'failed', 'timeout', 'out_of_memory', 'cancelled', 'skipped'] as const
const statusSchema = z.enum(STATUSES)
export type Status = z.infer<typeof statusSchema>

/** The requested state of the files that a phase reads, in the page cache; `as-is` changes nothing. */
export const PAGE_CACHE_STATES = ['as-is', 'cold', 'warm'] as const

/** Circuit complexity numbers of a compile, under the prover's own names. Provemark's rows always have `totalCost`. */
const countersSchema = z.record(z.string(), z.number())
export type Counters = z.infer<typeof countersSchema>

const text = (description: string) => z.string().nullish().describe(description)
const number = (description: string) => z.number().nullish().describe(description)
const measure = (description: string, unit: string) =>
  z.number().nonnegative().nullish().meta({ description, unit })

const accuracySchema = z.object({
  inputs: z.int().describe('number of inputs'),
  range: z.number().describe('largest minus smallest value that the float model gives for them'),
  max_error: z.number().describe('largest difference, as a fraction of the range'),
  mean_error: z.number().describe('mean difference, as a fraction of the range'),
  top1: z
    .number()
    .optional()
    .describe('share of score vectors whose largest score is the same; absent if the output has none'),
})

const errorSchema = z
  .object({
    code: z.string().describe('stable code, see docs/errors.md'),
    hint: z.string().nullish().describe('what to do next'),
    message: z.string().describe('what happened, what was expected and given'),
    tail: z.string().nullish().describe("last lines of the prover's output"),
  })
  .loose()

const proverSchema = z
  .object({
    name: z.string().describe('as in provemark doctor'),
    version: text('as the prover reports it'),
    sha256: text('SHA-256 of its executable'),
    deterministic: z
      .record(z.string(), z.enum(['bytes', 'size']))
      .nullish()
      .describe('artifacts that are the same in every run: byte for byte, or only in size'),
  })
  .loose()

const visibility = (of: string) =>
  z
    .enum(['public', 'hidden', 'committed', 'fixed', 'unknown'])
    .nullish()
    .describe(`how a verifier sees ${of}: public, hidden, committed, or fixed in the circuit`)

const securitySchema = z
  .object({
    scheme: z.string().describe('proof system'),
    field: z.string().describe('field or curve that it works over'),
    setup: z.string().describe('whose setup must be trusted, if any'),
    bits: z.union([z.number(), z.literal('unknown')]).describe("security level; 'unknown' if not stated"),
    zero_knowledge: z
      .union([z.boolean(), z.literal('unknown')])
      .nullish()
      .describe('whether a proof reveals nothing but what is public'),
    weights: visibility("the model's weights"),
    input: visibility('the input'),
    output: visibility('the output'),
  })
  .loose()
export type Security = z.infer<typeof securitySchema>

const machineSchema = z
  .object({
    cpu: z.string().nullish().describe('CPU model'),
    cores: z.number().nullish().describe('cores that the run may use'),
    mem_mb: measure('total memory', 'MB'),
    os: text('operating system'),
    kernel: text('version of its kernel'),
    node: text('version of Node'),
    container: text('kind of container, if any'),
    commit: z.string().nullish().describe('git commit of the working folder'),
    dirty: z.boolean().nullish().describe('whether the working tree had changes'),
    load: z.number().nullish().describe('load average over 1 minute when the run started'),
  })
  .loose()
export type Machine = z.infer<typeof machineSchema>

const shardSchema = z
  .object({
    index: z.int().describe('from 1'),
    count: z.int().describe('shards of the run'),
    points: z.int().describe('points of the whole run'),
    split: z.string().describe('digest of the split: the shards of one run must agree on it'),
  })
  .loose()
export type Shard = z.infer<typeof shardSchema>

/**
 * One phase of one iteration: a line of JSONL. The fields up to `proof_size_bytes` keep the names, types and meaning of
 * the rows of `jst bench`. Unknown fields survive a read and a write. MB is 2^20 bytes.
 */
export const rowSchema = z
  .object({
    timestamp: text(
      'end of the phase, RFC 3339 in UTC; another offset is converted where times are shown or sorted',
    ),
    model: text('path of the ONNX model, or of another file that is the workload'),
    iteration: z.int().nullish().describe('iteration of the phase, from 1'),
    phase: phaseSchema.describe('the phase that ran'),
    return_code: number('exit code; null if nothing ran or a signal ended it'),
    time_s: measure('wall clock from spawn to exit; null if nothing ran', 's'),
    mem_mb: measure('best available peak memory, see mem_source', 'MB'),
    mem_mb_rust: measure('peak memory that the prover itself reports', 'MB'),
    mem_mb_psutil: measure('peak of the sampled sum of RSS over the process tree', 'MB'),
    ecc: countersSchema.nullish().describe('circuit counters, in the rows of the first phase; {} elsewhere'),
    spans: z
      .record(z.string(), z.number().nonnegative())
      .nullish()
      .describe('steps inside the phase, and how long each took, s'),
    cmd: z.array(z.string()).nullish().describe('the command that ran'),
    tmpdir: text('folder of the artifacts'),
    param_count: number('parameters of the model'),
    circuit_size_bytes: measure('size of the circuit', 'bytes'),
    quantized_size_bytes: measure('size of the quantised model', 'bytes'),
    witness_size_bytes: measure('size of the witness', 'bytes'),
    output_size_bytes: measure('size of the output', 'bytes'),
    proof_size_bytes: measure('size of the proof', 'bytes'),

    schema: z.literal(1).nullish().describe('version of the row format'),
    run_id: text('one per run; its shards share it'),
    shard: shardSchema.nullish().describe('the part of the run that the row belongs to'),
    track: text('family of models that the point belongs to'),
    point: text('id of the model within its track'),
    params: z.record(z.string(), z.unknown()).nullish().describe('every parameter of the point'),
    prover: proverSchema.nullish().describe('name, version and SHA-256 of the prover'),
    settings: z
      .record(z.string(), z.unknown())
      .nullish()
      .describe('settings that the user can choose and that affect the cost'),
    security: securitySchema.nullish().describe("what is proved, and how securely; 'unknown' if not stated"),
    status: statusSchema.nullish().describe('how the phase ended'),
    error: errorSchema.nullish().describe('why it did not succeed'),
    warnings: z.array(z.string()).nullish().describe('what to know before using the figures'),
    signal: text('signal that ended the process'),
    time_source: z
      .enum(['wall', 'marks', 'printed'])
      .nullish()
      .describe(
        "'wall' from spawn to exit, 'marks' between two marks of a process, 'printed' by the prover; a row without it holds the prover's own time",
      ),
    time_resolution_s: measure('how far time_s may be off, if the program did not wait at its marks', 's'),
    time_s_rust: measure('time that the prover itself reports', 's'),
    process: z
      .enum(['own', 'shared', 'warm', 'service'])
      .nullish()
      .describe(
        "what was measured: the phase's own process (default), or a part of one that runs several phases (shared) or stays loaded (warm, service)",
      ),
    page_cache: z
      .enum([...PAGE_CACHE_STATES, 'partial'])
      .nullish()
      .describe(
        "state of the files that the phase read, checked before it: out of the page cache (cold), in it (warm), or over 1 % in the wrong state (partial); 'as-is' if absent",
      ),
    time_s_load: measure(
      'from the start of a warm process or of a service until it was ready; in the first row after it',
      's',
    ),
    mem_mb_after: measure('resident memory of a warm process or of a service after the iteration', 'MB'),
    cpu_user_s: measure('user CPU time of the whole tree', 's'),
    cpu_sys_s: measure('system CPU time of the whole tree', 's'),
    mem_source: text('which of the measurements mem_mb is'),
    mem_lower_bound: z.boolean().nullish().describe('true if a peak may have been missed'),
    mem_mb_hwm: measure("kernel's high-water mark of RSS, the largest process of the tree", 'MB'),
    mem_mb_cgroup: measure("peak of the phase's own cgroup, page cache included", 'MB'),
    others_cpu_s: measure(
      'CPU time that other programs used during the phase, on the CPUs that it may use',
      's',
    ),
    steal_s: measure('CPU time that the hypervisor gave to others during the phase, on those CPUs', 's'),
    throttled_s: measure("time for which a cgroup's CPU quota stopped the phase, summed over CPUs", 's'),
    run_delay_s: measure('time that its threads were ready to run and waited for a CPU, summed', 's'),
    involuntary_switches: number('how often its threads were taken off a CPU'),
    disturbed: z
      .number()
      .min(0)
      .max(1)
      .nullish()
      .describe('estimated share of its wall clock that other programs cost the phase; absent if not known'),
    provemark: text('version of provemark that wrote the row'),
    made_of: z
      .object({
        model: z.enum(['file', 'generated', 'none']).describe('where the model came from'),
        input: z.enum(['file', 'given', 'generated', 'none']).describe('where the input came from'),
        input_values: z.string().describe('distribution of a generated input'),
        seed: z.number().describe('seed of what was generated'),
        track: z.record(z.string(), z.unknown()).describe('parameters of the track'),
      })
      .loose()
      .nullish()
      .describe('how the point was made, so that npx provemark rerun can make it again'),
    plan_sha256: text('digest of the plan: config, provers and their versions'),
    model_sha256: text(
      'SHA-256 of the file named by model; with external data, of a list of the SHA-256 of all its files',
    ),
    input_sha256: text('SHA-256 of the input file'),
    circuit_sha256: text('SHA-256 of the circuit'),
    controls: z
      .partialRecord(
        z.enum(['proof', 'output']),
        z.enum(['rejected', 'accepted', 'inconclusive', 'not_applicable']),
      )
      .nullish()
      .describe('what the verifier did with a forged proof and a forged output'),
    controls_why: text('why a forged proof or output was not tried'),
    proof_changes: z
      .object({
        rejected: z.int().describe('changed proofs that verify refused'),
        inconclusive: z.int().describe('changed proofs on which it crashed or gave no verdict'),
        accepted: z.int().describe('changed proofs that it accepted'),
      })
      .nullish()
      .describe(
        'verdicts on the proof with one byte changed, for a prover that does not say how to forge it',
      ),
    output_tolerance: number('largest difference from the float model that quantisation explains'),
    output_max_abs_error: number('largest difference between the proved output and the float model'),
    accuracy: accuracySchema
      .nullish()
      .describe(
        'how far the proved output is from that of the float model, over all inputs that were compared',
      ),
    machine: machineSchema.nullish().describe('the machine that the phase ran on'),
    side: z.enum(['a', 'b']).nullish().describe('side of a comparison of two provers'),
    after_run: z.string().nullish().describe('baseline: the run that this one was added after'),
    reported: z
      .object({
        source: text('citation of where the figure was published'),
        machine: text('the machine, as the source calls it'),
      })
      .loose()
      .nullish()
      .describe(
        'a figure that somebody else published, not a measurement: never pooled with one and never judged',
      ),
    samples: z
      .record(z.string(), z.array(z.number()))
      .nullish()
      .describe('in a baseline: every iteration of a figure; the field of the same name holds the median'),
  })
  .loose()

export type Row = z.infer<typeof rowSchema>

/** The fields that come from the operating system when one process is measured. */
const measurementSchema = rowSchema.pick({
  time_s: true,
  cpu_user_s: true,
  cpu_sys_s: true,
  mem_mb: true,
  mem_source: true,
  mem_lower_bound: true,
  mem_mb_hwm: true,
  mem_mb_cgroup: true,
  mem_mb_psutil: true,
  others_cpu_s: true,
  steal_s: true,
  throttled_s: true,
  run_delay_s: true,
  involuntary_switches: true,
  disturbed: true,
  time_resolution_s: true,
})
export type Measurement = z.infer<typeof measurementSchema>
