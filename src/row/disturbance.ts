import type { Row } from './schema.ts'

/**
 * What others did to a phase while it ran, as fields of its row. They describe the machine and not the prover, so none
 * of them is a metric.
 */
export const EVIDENCE = [
  'others_cpu_s',
  'steal_s',
  'throttled_s',
  'run_delay_s',
  'involuntary_switches',
  'disturbed',
] as const satisfies readonly (keyof Row)[]

/** From this share of its wall clock on, a phase counts as disturbed. */
export const DISTURBED_SHARE = 0.05
/** The unit of the system's busy time, by which that of each CPU may be off. */
const TICK_S = 0.01

/** Whether others cost the phase a noticeable share of its time; undefined if its row has no evidence. */
export function isDisturbed({ disturbed }: Pick<Row, 'disturbed'>): boolean | undefined {
  return disturbed == null ? undefined : disturbed >= DISTURBED_SHARE
}

/**
 * What the system reports about the CPUs that a process tree could use, from its start to its end; times are sums, s.
 */
export interface RawEvidence {
  cpus: number
  /** Busy time, the tree's own included. */
  busyS: number
  stealS: number
  /** Absent if no cgroup reports it. */
  throttledS?: number | undefined
  /** Absent if the kernel does not count it. */
  runDelayS?: number | undefined
  /**
   * Share of the tree's CPU time that belongs to threads covered by `runDelayS`, which may miss those that ended early.
   */
  runDelaySeen: number
  /** Absent for a part of a process. */
  involuntarySwitches?: number | undefined
}

/** Wall clock and CPU time of the tree, s. */
interface Own {
  wallS: number
  cpuS: number
}

/** The evidence as fields of a row. */
export function judgeOthers(raw: RawEvidence, own: Own): Pick<Row, (typeof EVIDENCE)[number]> {
  const disturbed = estimateDisturbed(raw, own)
  return {
    others_cpu_s: Math.max(raw.busyS - own.cpuS, 0),
    steal_s: raw.stealS,
    ...(raw.throttledS === undefined ? {} : { throttled_s: raw.throttledS }),
    ...(raw.runDelayS === undefined ? {} : { run_delay_s: raw.runDelayS }),
    ...(raw.involuntarySwitches === undefined ? {} : { involuntary_switches: raw.involuntarySwitches }),
    ...(disturbed === undefined ? {} : { disturbed }),
  }
}

/** From this share on, the delays of the threads that were seen count as those of all. */
const MOSTLY_SEEN = 0.8

/**
 * Share of the wall clock that others cost a tree. A thread that waits for a CPU may be waiting for another thread of
 * its own tree, so waiting counts only up to what others used, and up to what the tree left unused. Undefined if
 * waiting was not counted, or if the figures do not show whether it was disturbed: in a few milliseconds the system's
 * clock hardly advances.
 */
function estimateDisturbed(raw: RawEvidence, { wallS, cpuS }: Own): number | undefined {
  const { cpus, busyS, stealS, throttledS = 0, runDelayS, runDelaySeen } = raw
  if (runDelayS === undefined || wallS <= 0) return undefined
  // CPUs that the tree would have kept busy without others.
  const wanted = clamp((cpuS + runDelayS) / wallS, 1, cpus)
  // The hypervisor does not say whom it held up: the tree gets its share of what ran.
  const stolenS = busyS > 0 ? stealS * Math.min(cpuS / busyS, 1) : 0
  const share = (othersS: number, delayS: number) => {
    const waitedS = Math.min(delayS - throttledS, cpus * wallS - cpuS, othersS)
    return clamp((Math.max(waitedS, 0) + stolenS + throttledS) / (wallS * wanted), 0, 1)
  }
  const othersS = busyS - cpuS
  const errorS = cpus * TICK_S
  const least = share(othersS - errorS, runDelayS)
  const most = share(othersS + errorS, runDelaySeen < MOSTLY_SEEN ? Infinity : runDelayS)
  const isClear = isDisturbed({ disturbed: least }) === isDisturbed({ disturbed: most })
  return isClear ? share(othersS, runDelayS) : undefined
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)
