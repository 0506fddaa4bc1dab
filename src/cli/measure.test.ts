import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

const measure = (...args: string[]) =>
  execa(process.execPath, [CLI, 'measure', ...args], {
    reject: false,
    env: { NO_COLOR: '1', PROVEMARK_ASCII: '0' },
  })

test('a command of any kind: wall clock, CPU time and peak memory of each run, and a summary', async () => {
  const { stdout, exitCode } = await measure('--runs', '6', '--json', '--', 'sleep', '0.05')
  expect(exitCode).toBe(0)
  const { command, runs, summary } = JSON.parse(stdout)
  expect(command).toEqual(['sleep', '0.05'])
  expect(runs).toHaveLength(6)
  for (const run of runs) {
    expect(run).toMatchObject({ status: 'ok', return_code: 0, signal: null, error: null })
    expect(run.time_s).toBeGreaterThan(0.05)
    expect(run.cpu_user_s + run.cpu_sys_s).toBeLessThan(0.05)
    expect(run.mem_mb).toBeGreaterThan(0)
    expect(typeof run.mem_source).toBe('string')
  }
  const times = runs.map(({ time_s }: { time_s: number }) => time_s)
  expect(summary).toMatchObject({
    n: 6,
    failed: 0,
    time_s: { n: 6, best: Math.min(...times), worst: Math.max(...times) },
  })
  expect(summary.time_s.median_interval.confidence).toBe(0.95)
})

test('warm-up runs do not count, and what a person reads says what was seen', async () => {
  const { stdout } = await measure(
    '--runs',
    '3',
    '--warmup',
    '2',
    '--',
    process.execPath,
    '-e',
    'console.log(1)',
  )
  expect(stdout).toMatch(/wall clock +\d+\.\d+ ± \d+\.\d+ s; best /)
  expect(stdout).toMatch(/peak memory +\d+\.\d ± \d+\.\d MB; .* by hwm$/m)
  expect(stdout).toMatch(/runs +3 succeeded$/m)
})

test('a command that fails is told with the end of its output, and is exit code 1', async () => {
  const failing = await measure(
    '--runs',
    '2',
    '--',
    process.execPath,
    '-e',
    'console.error("no luck"); process.exit(7)',
  )
  expect(failing.exitCode).toBe(1)
  expect(failing.stdout).toMatch(/0 succeeded, 2 did not/)
  expect(failing.stdout.match(/PHASE_FAILED: .* ended with exit code 7\n    no luck/g)).toHaveLength(1)
  const late = await measure('--runs', '1', '--timeout-s', '0.2', '--json', '--', 'sleep', '60')
  expect(late.exitCode).toBe(1)
  expect(JSON.parse(late.stdout).runs[0]).toMatchObject({
    status: 'timeout',
    error: { code: 'PHASE_TIMEOUT' },
  })
})

test('flags that make no sense, and commands that are none, are usage errors', async () => {
  for (const [args, message] of [
    [['--runs', '0', '--', 'true'], /--runs/],
    [['--no-such', '--', 'true'], /--no-such/],
    [['true'], /-- CMD ARGS…: expected the command to measure, given nothing/],
    [['--', '/no/such/command'], /SPAWN_FAILED: .*no\/such\/command.*ENOENT/],
  ] as const) {
    const { exitCode, stderr } = await measure(...args)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
  }
})

test('Ctrl+C ends the command and shows the runs that are done', async () => {
  const log = join(mkdtempSync(join(tmpdir(), 'provemark-measure-')), 'log')
  writeFileSync(log, '')
  const running = measure('--runs', '1000', '--', 'sh', '-c', `echo run >> '${log}'; sleep 0.1`)
  while (readFileSync(log, 'utf8').split('\n').length < 4) await sleep(20)
  running.kill('SIGINT')
  const { exitCode, stdout } = await running
  expect(exitCode).toBe(130)
  expect(stdout).toMatch(/runs +\d+ succeeded$/m)
})
