import type { Cloned } from './collector.ts'
import { isDisturbed } from './disturbance.ts'
import { Failures } from './failures.ts'
import { Samples } from './figures.ts'
import { readOutcome } from './outcome.ts'
import type { Row } from './schema.ts'

/** The results for a forged proof and a forged output, and the distance of the proved output from the float model. */
export type ControlResults = NonNullable<Row['controls']> & {
  proof_changes: Row['proof_changes']
  output_max_abs_error: number | null
  output_tolerance: number | null
}

/** The figures of all rows of one phase of one point, in measurement order. */
export class PhaseSamples {
  rows = 0
  ok = 0
  readonly timesS = new Samples()
  /** Times of the rows that nothing shows to be disturbed, s, and the disturbed share of the others. */
  readonly calmS = new Samples()
  readonly disturbed = new Samples()
  readonly memsMb = new Samples()
  readonly cpuS = new Samples()
  /** Wall clock and the prover's own time, s, of rows that have both. */
  readonly wallS = new Samples()
  readonly reportedS = new Samples()
  readonly memSources = new Set<string>()
  isMemLowerBound = false
  readonly failures = new Failures()
  readonly warnings = new Set<string>()
  /** `settings.sampling` of the last row that has one. */
  sampling: unknown = null
  /** Negative controls of the last row that has some. */
  controls: ControlResults | null = null

  add(row: Row): void {
    this.rows++
    for (const warning of row.warnings ?? []) addBounded(this.warnings, warning)
    if (readOutcome(row) !== 'ok') return this.failures.add(row)
    this.ok++
    const { time_s, mem_mb, time_s_rust, cpu_user_s, cpu_sys_s, mem_source } = row
    if (time_s != null) {
      this.timesS.push(time_s)
      if (isDisturbed(row)) this.disturbed.push(row.disturbed!)
      else this.calmS.push(time_s)
    }
    if (mem_mb != null) {
      this.memsMb.push(mem_mb)
      if (mem_source) addBounded(this.memSources, mem_source)
      this.isMemLowerBound ||= row.mem_lower_bound === true
    }
    if (cpu_user_s != null && cpu_sys_s != null) this.cpuS.push(cpu_user_s + cpu_sys_s)
    if (row.time_source === 'wall' && time_s != null && time_s_rust != null) {
      this.wallS.push(time_s)
      this.reportedS.push(time_s_rust)
    }
    this.sampling = row.settings?.['sampling'] ?? this.sampling
    this.controls = readControls(row) ?? this.controls
  }

  merge(later: Cloned<PhaseSamples>): void {
    this.rows += later.rows
    this.ok += later.ok
    for (const name of SAMPLES) this[name].append(later[name])
    for (const source of later.memSources) addBounded(this.memSources, source)
    for (const warning of later.warnings) addBounded(this.warnings, warning)
    this.isMemLowerBound ||= later.isMemLowerBound
    this.failures.merge(later.failures)
    this.sampling = later.sampling ?? this.sampling
    this.controls = later.controls ?? this.controls
  }
}

const SAMPLES = ['timesS', 'calmS', 'disturbed', 'memsMb', 'cpuS', 'wallS', 'reportedS'] as const

function readControls({
  controls,
  proof_changes,
  output_max_abs_error,
  output_tolerance,
}: Row): ControlResults | null {
  if (!controls) return null
  return {
    ...controls,
    proof_changes: proof_changes ?? null,
    output_max_abs_error: output_max_abs_error ?? null,
    output_tolerance: output_tolerance ?? null,
  }
}

const MAX_TEXTS = 20

/** Adds a text from a file to a set whose size must not grow with the file. */
export function addBounded(set: Set<string>, text: string): void {
  if (set.size < MAX_TEXTS) set.add(text)
}
