import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { readCpuMs } from '../../fixtures/processes/cpu-time.ts'
import { findMarked, findParentOfMarked, markEnvironment } from '../../fixtures/processes/survivors.ts'
import { runProcess } from '../../src/process/run-process.ts'
import { preparePsutil } from './psutil.ts'

const SIZES = [1, 20, 200]
const TIME_S = 10

/** CPU time of sampling a tree, as lines of Markdown. */
export async function compareSamplers(): Promise<string[]> {
  const rows: string[] = []
  for (const size of SIZES) {
    const [ours, psutil] = [await shareOfMonitor(size), await shareOfPsutil(size)]
    rows.push(`| ${size} | ${percent(ours)} | ${percent(psutil)} |`)
  }
  return [
    'CPU time of watching a tree of idle processes, as a share of one core:',
    '',
    '| processes | provemark | psutil, 20 ms |',
    '| ---: | ---: | ---: |',
    ...rows,
  ]
}

/** A shell and the processes that it waits for, with the given total. */
function treeOf(size: number): string[] {
  if (size === 1) return ['sleep', String(TIME_S)]
  return ['sh', '-c', `for i in $(seq ${size - 1}); do sleep ${TIME_S} & done; wait`]
}

export async function shareOfMonitor(size: number): Promise<number> {
  const mark = randomUUID()
  const [file, ...args] = treeOf(size) as [string, ...string[]]
  const running = runProcess({ file, args, cwd: tmpdir(), env: markEnvironment(mark) })
  while (findMarked(mark).length < size) await sleep(20)
  const monitor = findParentOfMarked(mark)
  const before = { cpuMs: readCpuMs(monitor), ms: performance.now() }
  await sleep(TIME_S * 800)
  const share = (readCpuMs(monitor) - before.cpuMs) / (performance.now() - before.ms)
  await running
  return share
}

export async function shareOfPsutil(size: number): Promise<number> {
  const script = join(import.meta.dirname, 'psutil_sampler.py')
  const { stdout } = await execa(await preparePsutil(), [script, ...treeOf(size)], { stdin: 'ignore' })
  const { sampler_cpu_s, time_s } = JSON.parse(stdout)
  return sampler_cpu_s / time_s
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
