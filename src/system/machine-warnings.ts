import { readdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { readUsableCores } from './container.ts'
import { readGovernor } from './machine.ts'
import { readText } from './proc.ts'

/** Load per core above which other programs are likely to take time from a phase. */
const BUSY_LOAD = 0.5
const STEADY_GOVERNORS = new Set(['performance', 'schedutil'])

/** What may distort figures right now. */
export interface Strain {
  /** Load average over 1 minute, and the number of cores. */
  load: number
  cores: number
  onBattery: boolean
  swapUsedMb: number
  governor: string | null
  /** How often heat has throttled the cores since boot; the counter only goes up. */
  throttled: number
}

/** What distorts figures of this machine right now, one sentence each with what to do; empty if nothing does. */
export function warnAboutMachine(): string[] {
  return warnOf(readStrain())
}

export function warnOf({ load, cores, onBattery, swapUsedMb, governor, throttled }: Strain): string[] {
  return [
    load > BUSY_LOAD * cores &&
      `the load is ${load.toFixed(2)} on ${cores} cores: close other programs, or expect noise`,
    onBattery && 'the machine runs on battery: its cores may be slowed down, plug it in',
    swapUsedMb >= 1 &&
      `${Math.round(swapUsedMb)} MB of swap are in use: what is swapped out is missing from RSS, free some memory`,
    governor !== null &&
      !STEADY_GOVERNORS.has(governor) &&
      `the frequency governor is ${governor}: times vary less with performance (cpupower frequency-set -g performance)`,
    throttled > 0 &&
      `the cores were slowed down by heat ${throttled} times since the machine started: let it cool down between runs`,
  ].filter((warning) => warning !== false)
}

function readStrain(): Strain {
  const meminfo = readText('/proc/meminfo') ?? ''
  return {
    load: loadavg()[0] ?? 0,
    cores: readUsableCores(),
    onBattery: listPowerSupplies().includes('Discharging'),
    swapUsedMb: readMeminfoMb(meminfo, 'SwapTotal') - readMeminfoMb(meminfo, 'SwapFree'),
    governor: readGovernor(),
    throttled: Number(readText('/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count') ?? 0),
  }
}

function readMeminfoMb(meminfo: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) / 1024
}

function listPowerSupplies(): string[] {
  const folder = '/sys/class/power_supply'
  try {
    return readdirSync(folder).map((name) => readText(`${folder}/${name}/status`) ?? '')
  } catch {
    return []
  }
}
