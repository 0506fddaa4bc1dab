import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { runProcess } from '../../src/process/run-process.ts'
import { preparePsutil } from './psutil.ts'

/** Figures of one tool for one run of a command; null if it does not report one. */
export interface Figures {
  time_s: number | null
  cpu_s: number | null
  mem_mb: number | null
}

export interface Tool {
  name: string
  run: (command: readonly string[]) => Promise<Figures>
}

const folder = mkdtempSync(join(tmpdir(), 'provemark-compare-'))
const quiet = { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' } as const

const provemark: Tool = {
  name: 'provemark',
  async run([file, ...args]) {
    const { measurement, status } = await runProcess({ file: file!, args, cwd: folder })
    if (status !== 'ok') throw new Error(`${file} ${args.join(' ')}: ${status}`)
    const { time_s = null, cpu_user_s, cpu_sys_s, mem_mb = null } = measurement
    return { time_s, cpu_s: (cpu_user_s ?? 0) + (cpu_sys_s ?? 0), mem_mb }
  },
}

/** `%e` has hundredths of a second: too coarse for short commands. */
const gnuTime: Tool = {
  name: 'GNU time',
  async run(command) {
    const output = join(folder, 'time.txt')
    await execa('/usr/bin/time', ['-o', output, '-f', '%e %U %S %M', ...command], { ...quiet, cwd: folder })
    const [time_s, user, sys, kb] = readFileSync(output, 'utf8').trim().split(' ').map(Number)
    return { time_s: time_s!, cpu_s: user! + sys!, mem_mb: kb! / 1024 }
  },
}

/** Versions before 1.19 report no memory. */
const hyperfine: Tool = {
  name: 'hyperfine',
  async run(command) {
    const output = join(folder, 'hyperfine.json')
    const line = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
    await execa('hyperfine', ['-N', '--runs', '1', '--export-json', output, line], { ...quiet, cwd: folder })
    const [{ mean, user, system, memory_usage_byte }] = JSON.parse(readFileSync(output, 'utf8')).results
    const mem_mb = memory_usage_byte ? memory_usage_byte[0] / 2 ** 20 : null
    return { time_s: mean, cpu_s: user + system, mem_mb }
  },
}

const psutil: Tool = {
  name: 'psutil, 20 ms',
  async run(command) {
    const python = await preparePsutil()
    const script = join(import.meta.dirname, 'psutil_sampler.py')
    const { stdout } = await execa(python, [script, ...command], { stdin: 'ignore', cwd: folder })
    const { time_s, mem_mb } = JSON.parse(stdout)
    return { time_s, cpu_s: null, mem_mb }
  },
}

export const TOOLS: readonly Tool[] = [provemark, gnuTime, hyperfine, psutil]
