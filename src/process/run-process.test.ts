import { chmod, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { runProcess } from './run-process.ts'
import type { ProcessSpec } from './spec.ts'

const node = (code: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  file: process.execPath,
  args: ['-e', code],
  cwd: tmpdir(),
  ...more,
})

const shell = (script: string, more: Partial<ProcessSpec>): ProcessSpec => ({
  file: 'sh',
  args: ['-c', script],
  cwd: tmpdir(),
  ...more,
})

describe.for(['', 'off'])('PROVEMARK_MEASURE=%s', (mode) => {
  beforeAll(() => void vi.stubEnv('PROVEMARK_MEASURE', mode))
  afterAll(() => void vi.unstubAllEnvs())

  test('a process that ends well gives its output, both streams, and its figures', async () => {
    const outcome = await runProcess(node('console.log("one"); setTimeout(() => console.error("two"), 50)'))
    expect(outcome).toMatchObject({
      status: 'ok',
      return_code: 0,
      signal: null,
      output: 'one\ntwo\n',
      error: null,
    })
    expect(outcome.tail).toBe('one\ntwo')
    expect(outcome.measurement.time_s).toBeGreaterThan(0.05)
    expect(outcome.measurement.mem_mb).toBeGreaterThan(10)
  })

  test('an exit code and a signal are failures that name themselves', async () => {
    const failed = await runProcess(node('console.error("no circuit"); process.exit(3)'))
    expect(failed).toMatchObject({ status: 'failed', return_code: 3, signal: null })
    expect(failed.error).toMatchObject({ code: 'PHASE_FAILED', tail: 'no circuit' })
    expect(failed.error!.message).toMatch(/ended with exit code 3$/)
    const killed = await runProcess(node('process.kill(process.pid, "SIGKILL")'))
    expect(killed).toMatchObject({ status: 'failed', return_code: null, signal: 'SIGKILL' })
  })

  test('a command that cannot start is an outcome that says why', async () => {
    const missing = await runProcess({ file: '/no/such/prover', args: [], cwd: tmpdir() })
    expect(missing).toMatchObject({ status: 'failed', return_code: null, error: { code: 'SPAWN_FAILED' } })
    expect(missing.error!.message).toMatch(/\/no\/such\/prover.*ENOENT/)
    const nowhere = await runProcess({ file: process.execPath, args: [], cwd: '/no/such/folder' })
    expect(nowhere.error!.message).toMatch(/no working folder \/no\/such\/folder/)
    const folder = await runProcess({ file: tmpdir(), args: [], cwd: tmpdir() })
    expect(folder.error).toMatchObject({ code: 'SPAWN_FAILED', message: expect.stringMatching(/EACCES/) })
  })

  test('no shell reads the arguments', async () => {
    const args = ['a b', '$(id)', '"', "'", '`x`', '*', '-n', 'line\nline', 'ünï', '']
    const outcome = await runProcess(
      node('console.log(JSON.stringify(process.argv.slice(1)))', {
        args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
      }),
    )
    expect(JSON.parse(outcome.output)).toEqual(args)
  })

  test('a process that outlives its timeout is ended, first gently', async () => {
    // Shells, because they start within the timeout even on a busy machine.
    const gentle = await runProcess(
      shell(`trap 'echo bye; exit 0' TERM; echo up; sleep 100 & wait`, { timeoutMs: 1000 }),
    )
    expect(gentle).toMatchObject({ status: 'timeout', output: 'up\nbye\n', error: { code: 'PHASE_TIMEOUT' } })
    const stubborn = await runProcess(
      shell(`trap 'echo no' TERM; echo up; while :; do sleep 100 & wait; done`, {
        timeoutMs: 1000,
        graceMs: 300,
      }),
    )
    expect(stubborn).toMatchObject({ status: 'timeout', signal: 'SIGKILL', output: 'up\nno\n' })
  })

  test('a timeout of ages is no timeout', async () => {
    const outcome = await runProcess(node('setTimeout(() => {}, 50)', { timeoutMs: 1e13 }))
    expect(outcome).toMatchObject({ status: 'ok', return_code: 0 })
  })

  test('cancelling ends the process', async () => {
    const controller = new AbortController()
    const outcome = await runProcess(
      node('setInterval(() => {}, 1000); console.log("up")', {
        signal: controller.signal,
        onOutput: () => controller.abort(),
      }),
    )
    expect(outcome).toMatchObject({ status: 'cancelled', error: { code: 'PHASE_CANCELLED' } })
  })

  test('output of any length is bounded, and the lines to keep are found in it', async () => {
    const pour = `const pour = (n) => { for (let i = 0; i < n; i++) process.stdout.write(('x'.repeat(99) + '\\n').repeat(1000)) }`
    const outcome = await runProcess(
      node(
        `${pour}; console.log('first'); pour(40); console.log('totalCost=42'); pour(40); console.log('last')`,
        {
          keepLines: [/totalCost=/],
        },
      ),
    )
    expect(outcome.output.length).toBeLessThan(1_400_000)
    expect(outcome.output.slice(0, 6)).toBe('first\n')
    expect(outcome.output.slice(-6)).toBe('\nlast\n')
    expect(/\[provemark: \d+ bytes left out\]\n.*\n/.exec(outcome.output)?.[0]).toMatch(
      /left out\]\ntotalCost=42\n/,
    )
  })
})

test.skipIf(process.platform !== 'linux')(
  'the monitor holds a process and all that it starts to a number of CPUs, and says where it cannot',
  async () => {
    const allowed = (cpus?: number) =>
      runProcess(shell('(grep Cpus_allowed_list /proc/self/status)', cpus ? { cpus } : {}))
    const list = async (cpus?: number) => (await allowed(cpus)).output.split(':').at(-1)?.trim()
    const all = await list()
    expect(await list(1)).toMatch(/^\d+$/)
    expect(await list()).toBe(all)
    const tooMany = await allowed(8192)
    expect(tooMany).toMatchObject({ status: 'failed', error: { code: 'SPAWN_FAILED' } })
    expect(tooMany.error!.message).toContain('cannot be held to 8192 CPUs')
  },
)

test('Windows has no signals: a process that outlives its timeout is ended by the tool of the system', async () => {
  const dir = await temporaryFolder()
  const tool = join(dir, 'taskkill')
  await writeFile(tool, `#!/bin/sh\necho "$@" > ${dir}/asked\npkill -KILL -P $2\nkill -KILL $2\n`)
  await chmod(tool, 0o755)
  vi.stubEnv('PROVEMARK_MEASURE', 'off')
  vi.stubEnv('PATH', `${dir}:${process.env['PATH']}`)
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' })
  try {
    let pid = 0
    const spec = shell('sleep 100 & wait', { timeoutMs: 1000, onStarted: (own) => (pid = own) })
    expect((await runProcess(spec)).status).toBe('timeout')
    expect(await readFile(join(dir, 'asked'), 'utf8')).toBe(`/pid ${pid} /t /f\n`)
  } finally {
    Object.defineProperty(process, 'platform', platform)
    vi.unstubAllEnvs()
  }
})
