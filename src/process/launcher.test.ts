import { readFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readMachineBehind } from './launcher-machine.ts'
import { runProcess } from './run-process.ts'
import type { ProcessSpec } from './spec.ts'

const ENGINE = [
  process.execPath,
  fileURLToPath(new URL('../../fixtures/processes/engine.mjs', import.meta.url)),
]

const behind = (launcher: string[], code: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  file: process.execPath,
  args: ['-e', code],
  cwd: tmpdir(),
  launcher,
  ...more,
})

test('time and memory are of the process, not of the engine that starts it', async () => {
  const startMs = performance.now()
  const outcome = await runProcess(
    behind(ENGINE, 'process.stdout.write(process.env.MARK)', { env: { MARK: 'x' } }),
  )
  expect(outcome).toMatchObject({ status: 'ok', return_code: 0, output: 'x' })
  // The engine waits half a second and holds 300 MB.
  const restMs = performance.now() - startMs - outcome.measurement.time_s! * 1000
  expect(restMs).toBeGreaterThan(450)
  expect(outcome.measurement.mem_mb).toBeLessThan(200)
})

test('output arrives byte for byte, however much there is', async () => {
  const bytes: Buffer[] = []
  const code =
    'for (let i = 0; i < 256; i++) process.stdout.write(Buffer.alloc(4096, i).toString("latin1"), "latin1")'
  const outcome = await runProcess(
    behind(ENGINE, code, { onOutput: (chunk) => void bytes.push(Buffer.from(chunk)) }),
  )
  expect(outcome.status).toBe('ok')
  expect(
    Buffer.concat(bytes)
      .toString()
      .slice(0, 4096 * 127),
  ).toHaveLength(4096 * 127)
})

test('limits and a cancel reach the process behind the engine, and nothing of it stays', async () => {
  const timeout = await runProcess(behind(ENGINE, 'setInterval(() => {}, 1000)', { timeoutMs: 300 }))
  expect(timeout.status).toBe('timeout')
  const controller = new AbortController()
  let pid = 0
  const running = runProcess(
    behind(ENGINE, 'console.log(process.pid); setInterval(() => {}, 1000)', {
      signal: controller.signal,
      onLine: (line) => {
        pid = Number(line)
        controller.abort()
      },
    }),
  )
  expect((await running).status).toBe('cancelled')
  expect(pid).toBeGreaterThan(0)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('an engine that is killed takes the process with it, and the outcome says so', async () => {
  let pid = 0
  const running = runProcess(
    behind(ENGINE, 'console.log(process.pid, process.ppid); setInterval(() => {}, 1000)', {
      onLine: (line) => {
        const [own, monitor] = line.split(' ').map(Number)
        pid = own!
        process.kill(monitor!, 'SIGKILL')
      },
    }),
  )
  const outcome = await running
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'LAUNCHER_LOST' } })
  for (let tries = 0; tries < 50 && isAlive(pid); tries++) await sleep(20)
  expect(isAlive(pid)).toBe(false)
})

test('taskset: the machine has the cores that the phase may use', async () => {
  expect(await readMachineBehind(['taskset', '-c', '0'])).toEqual({ cores: 1 })
  expect(await readMachineBehind(['nice', '-n', '5'])).toEqual({ cores: availableParallelism() })
})

test('an engine that starts nothing is an error that names it, with its own words', async () => {
  await expect(readMachineBehind(['no-such-engine', '-n1'])).rejects.toMatchObject({
    code: 'LAUNCHER_UNUSABLE',
    message: expect.stringContaining('no-such-engine -n1'),
  })
  await expect(readMachineBehind([...ENGINE, '/no/such/program'])).rejects.toMatchObject({
    code: 'LAUNCHER_UNUSABLE',
    message: expect.stringContaining('engine: spawn /no/such/program ENOENT'),
  })
})

test('an engine that greets on standard output is an error that shows the greeting', async () => {
  for (const greeting of ['Welcome to the cluster', 'some modules are old', 'hi']) {
    const engine = ['sh', '-c', `echo '${greeting}'; exec "$@"`, 'sh']
    const outcome = await runProcess(behind(engine, 'console.log("x")'))
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'LAUNCHER_LOST' } })
    expect(outcome.error!.message).toContain(greeting)
    await expect(readMachineBehind(engine)).rejects.toMatchObject({
      code: 'LAUNCHER_UNUSABLE',
      message: expect.stringContaining('has to print on stderr'),
    })
  }
})

/** A zombie counts as dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
