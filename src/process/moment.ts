import { judgeOthers, type RawEvidence } from '../row/disturbance.ts'
import type { Measurement } from '../row/schema.ts'
import { chooseMemory } from './memory.ts'
import type { Moment } from './monitor-protocol.ts'

/** What happens from one moment to a later one, however many lie in between. */
export class Interval {
  readonly #first: Moment
  #last: Moment | undefined
  #memory: MemoryFields | undefined

  constructor(first: Moment) {
    this.#first = first
  }

  add(moment: Moment): void {
    const memory = chooseMemory(moment.memory)
    this.#memory = this.#memory ? combine(this.#memory, memory) : memory
    this.#last = moment
  }

  /** The figures up to the last moment; undefined if none was added. */
  measure(): Measurement | undefined {
    const [first, last, memory] = [this.#first, this.#last, this.#memory]
    if (!last || !memory) return undefined
    const time_s = Math.max(last.elapsedS - first.resumedS, 0)
    const cpu_user_s = Math.max(last.cpuUserS - first.cpuUserS, 0)
    const cpu_sys_s = Math.max(last.cpuSysS - first.cpuSysS, 0)
    const others = first.others && last.others && subtract(last.others, first.others)
    const isExact = first.mark !== undefined && last.mark !== undefined
    return {
      time_s,
      cpu_user_s,
      cpu_sys_s,
      ...memory,
      ...(isExact ? {} : { mem_lower_bound: true, time_resolution_s: first.resolutionS + last.resolutionS }),
      ...(others ? judgeOthers(others, { wallS: time_s, cpuS: cpu_user_s + cpu_sys_s }) : {}),
    }
  }
}

type MemoryFields = ReturnType<typeof chooseMemory>

/** The higher peak of two intervals; a lower bound if one of them may have missed a peak. */
function combine(one: MemoryFields, other: MemoryFields): MemoryFields {
  const most = (key: 'mem_mb_hwm' | 'mem_mb_cgroup' | 'mem_mb_psutil') => {
    const values = [one[key], other[key]].filter((own) => own != null)
    return values.length ? Math.max(...values) : null
  }
  const top = (other.mem_mb ?? 0) > (one.mem_mb ?? 0) ? other : one
  return {
    ...top,
    mem_lower_bound: top.mem_mb == null ? null : [one, other].some((own) => own.mem_lower_bound !== false),
    mem_mb_hwm: most('mem_mb_hwm'),
    mem_mb_cgroup: most('mem_mb_cgroup'),
    mem_mb_psutil: most('mem_mb_psutil'),
  }
}

function subtract(end: RawEvidence, start: RawEvidence): RawEvidence {
  const difference = (to: number | undefined, from: number | undefined) =>
    to === undefined || from === undefined ? undefined : Math.max(to - from, 0)
  return {
    cpus: end.cpus,
    busyS: Math.max(end.busyS - start.busyS, 0),
    stealS: Math.max(end.stealS - start.stealS, 0),
    throttledS: difference(end.throttledS, start.throttledS),
    runDelayS: difference(end.runDelayS, start.runDelayS),
    runDelaySeen: end.runDelaySeen,
  }
}
