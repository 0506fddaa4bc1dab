import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { join } from 'node:path'
import { runBench, temporaryFolder, writeCommandProver } from '../../fixtures/run-bench.ts'
import type { Row } from '../row/schema.ts'
import { summarizeRows } from '../row/summary.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const SERVED = './fixtures/provers/service.ts'

function run(dir: string, how: string, ...flags: string[]) {
  return runBench(dir, ['depth'], ['--prover', `${SERVED},how=${how}`, ...TINY, ...flags])
}

/** Processes whose command line names the folder of a run. */
function listProcesses(dir: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return words.includes('service.mjs') && words.includes(dir) ? [words] : []
    } catch {
      return []
    }
  })
}

test('a service is started once, asked for each proof, and measured in each', async () => {
  const dir = await temporaryFolder()
  const flags = ['--iterations', 'compile=1,witness=1,prove=3,verify=2', '--controls']
  const { exitCode, rows, output } = await run(dir, 'well', ...flags)
  expect(rows.map(({ phase, status, process: kind }) => `${phase} ${status} ${kind ?? 'own'}`)).toEqual([
    'compile ok own',
    'witness ok own',
    ...['prove', 'prove', 'prove', 'verify', 'verify'].map((phase) => `${phase} ok service`),
  ])
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(rows.filter(({ time_s_load }) => time_s_load != null)).toHaveLength(1)
  for (const row of proofs) {
    expect(row.time_s).toBeGreaterThanOrEqual(row.time_s_rust!)
    expect(row.time_s).toBeLessThan(proofs[0]!.time_s_load!)
    expect(row.cpu_user_s! + row.cpu_sys_s!).toBeGreaterThan(0.005)
    // The service, not what asks it.
    expect(row.mem_mb).toBeGreaterThan(20)
    expect(row).toMatchObject({ time_s_rust: 0.05, mem_source: 'hwm', mem_lower_bound: false })
    expect(row.cmd).toEqual(['POST', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/prove$/)])
  }
  expect(proofs[1]!.mem_mb! - proofs[0]!.mem_mb!).toBeGreaterThan(100)
  expect(rows.at(-2)).toMatchObject({ controls: { proof: 'rejected' } })
  expect(output).toMatch(/prove: loaded in \d\.\d+ s, then p50 0\.\d+ s, [\d.]+ proofs per minute\n/)
  expect(exitCode).toBe(0)
  expect(listProcesses(dir)).toEqual([])
})

test.each(['floods', 'late'])(
  'the figures of a service are read, however much it prints and if it prints them after its answer: %s',
  async (how) => {
    const flags = ['--iterations', 'compile=1,witness=1,prove=3,verify=1']
    const { rows } = await run(await temporaryFolder(), how, ...flags)
    const proofs = rows.filter(({ phase }) => phase === 'prove')
    expect(proofs.map(({ status, time_s_rust }) => [status, time_s_rust])).toEqual(
      proofs.map(() => ['ok', 0.05]),
    )
    expect(proofs).toHaveLength(3)
  },
)

test('a service is ready when it prints so, coloured or in the midst of its log', async () => {
  const dir = await temporaryFolder()
  const start = `
    for (let i = 0; i < 100_000; i++) console.log('loading key ' + i + ' of 100000')
    require('http').createServer((request, answer) => answer.end('proof')).listen(Number(process.argv[1]), '127.0.0.1', () => {
      console.log('\\u001B[32mready\\u001B[0m to prove')
      for (let i = 0; i < 100_000; i++) console.log('warming up ' + i + ' of 100000')
    })`
  const prover = await writeCommandProver(
    dir,
    `{
  name: 'says',
  version: '1.0',
  service: { start: ['node', '-e', ${JSON.stringify(start)}, '{port}'], ready: /^ready to prove$/g },
  phases: { prove: { request: { path: '/prove', save: 'proof' }, artifacts: { proof: { file: 'proof.txt' } } } },
}`,
  )
  const { rows } = await runBench(dir, ['depth'], ['--prover', prover, ...TINY])
  expect(new Set(rows.map(({ phase, status }) => `${phase} ${status}`))).toEqual(new Set(['prove ok']))
})

test('an answer that a prover cannot read is no verdict, and its service is ended with its point', async () => {
  const dir = await temporaryFolder()
  const start = `
    const fs = require('fs')
    const seen = process.argv[2]
    const isAlive = (pid) => { try { return process.kill(Number(pid), 0) } catch { return false } }
    const earlier = fs.existsSync(seen) ? fs.readFileSync(seen, 'utf8').split('\\n').filter(Boolean) : []
    fs.appendFileSync(seen, process.pid + '\\n')
    require('http').createServer((request, answer) =>
      answer.end(request.url === '/prove' ? JSON.stringify({ alive: earlier.filter(isAlive).length }) : 'valid'),
    ).listen(Number(process.argv[1]), '127.0.0.1')`
  const prover = await writeCommandProver(
    dir,
    `{
  name: 'odd',
  version: '1.0',
  service: { start: ['node', '-e', ${JSON.stringify(start)}, '{port}', ${JSON.stringify(join(dir, 'seen'))}] },
  phases: {
    prove: { request: { path: '/prove', save: 'proof' }, artifacts: { proof: { file: 'proof.txt' } } },
    verify: { request: { path: '/verify', body: '{proof}', accepts: (body) => JSON.parse(body).valid } },
  },
  counters: ['alive'],
}`,
  )
  const flags = ['--prover', prover, '--iterations', '1', ...TINY.with(1, '2')]
  const { exitCode, rows } = await runBench(dir, ['depth'], flags)
  expect(exitCode).toBe(1)
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'prove ok',
    'verify failed',
    'prove ok',
    'verify failed',
  ])
  expect(rows[1]).toMatchObject({ return_code: 2, error: { code: 'PHASE_FAILED' } })
  expect(rows[1]!.error!.message).toMatch(/^verify of odd: `accepts` threw on the answer: .*valid/)
  expect(rows[2]!.ecc).toEqual({ alive: 0 })
})

/** Of each iteration, whether a service was started for it. */
const starts = (rows: readonly Row[]) => rows.map(({ time_s_load }) => time_s_load != null)

/** The most proofs that were begun and not ended at one moment, by the service's own log. */
function mostAtOnce(log: string): number {
  let [now, most] = [0, 0]
  for (const line of log.trim().split('\n')) {
    now += line.startsWith('begin') ? 1 : -1
    most = Math.max(most, now)
  }
  return most
}

const readLogs = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('keys.txt.log'))
    .map((name) => readFileSync(join(dir, name), 'utf8'))

test('proofs at once overlap in the service; each number of them is a variant with its own throughput', async () => {
  const dir = await temporaryFolder()
  const flags = ['--iterations', 'compile=1,witness=2,prove=6,verify=2', '--concurrency', '1,3']
  const { exitCode, rows, output } = await run(dir, 'overlaps', ...flags, '--keep', 'all')
  expect(exitCode).toBe(0)
  expect(readLogs(join(dir, 'work')).map(mostAtOnce).toSorted()).toEqual([1, 3])
  expect(output).not.toContain('FIGURE_MISSING')
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  const iterations = (atOnce: number | undefined) =>
    proofs
      .filter(({ settings }) => settings?.['concurrency'] === atOnce)
      .map(({ iteration }) => iteration)
      .toSorted()
  for (const atOnce of [undefined, 3]) expect(iterations(atOnce)).toEqual([1, 2, 3, 4, 5, 6])
  for (const { mem_mb, mem_source, process: kind, status } of proofs) {
    expect([kind, status, mem_source]).toEqual(['service', 'ok', 'hwm'])
    // The service as a whole.
    expect(mem_mb).toBeGreaterThan(20)
  }
  const [one, three] = summarizeRows(rows).map(({ label, phases }) => ({
    label,
    ...phases.find(({ phase }) => phase === 'prove')!,
  }))
  expect([one!.label, three!.label]).toEqual(['served', 'served 3 at once'])
  // A proof takes the service 0.4 s, however many there are.
  expect(three!.proofs_per_minute! / one!.proofs_per_minute!).toBeGreaterThan(1.5)
  expect(three!.latency!.p50).toBeGreaterThanOrEqual(0.39)
  expect(output).toMatch(/served 3 at once/)
  expect(output).toContain('proofs/min')
})

test('of several requests at once one may fail, or the service may die: no row is lost', async () => {
  const flags = ['--iterations', 'compile=1,witness=1,prove=6,verify=1', '--concurrency', '3']
  const failing = await run(await temporaryFolder(), 'overlaps+fails', ...flags)
  const proofs = failing.rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ iteration }) => iteration).toSorted()).toEqual([1, 2, 3, 4, 5, 6])
  expect(proofs.filter(({ status }) => status === 'failed')).toMatchObject([
    { return_code: 2, error: { code: 'PHASE_FAILED' } },
  ])
  expect(failing.exitCode).toBe(1)

  const dir = await temporaryFolder()
  const { rows } = await run(dir, 'dies', ...flags)
  const tried = rows.filter(({ phase }) => phase === 'prove')
  expect(tried.map(({ iteration }) => iteration).toSorted()).toEqual([1, 2, 3, 4, 5, 6])
  const failed = tried.filter(({ status }) => status !== 'ok')
  expect(failed.length).toBeGreaterThan(0)
  for (const { error } of failed) expect(error!.code).toBe('SERVICE_FAILED')
  expect(tried.length - failed.length).toBeGreaterThanOrEqual(2)
  expect(listProcesses(dir)).toEqual([])
})

test('proofs at once are refused for a prover that starts a process for each', async () => {
  const dir = await temporaryFolder()
  const toy = ['--prover', './fixtures/provers/toy.ts', '--concurrency', '2', ...TINY]
  const { exitCode, output, rows } = await runBench(dir, ['depth'], toy)
  expect(output).toMatch(/--concurrency: expected 1 for the prover toy, which is neither warm nor a service/)
  expect(exitCode).toBe(2)
  expect(rows).toEqual([])
})

test('a service that takes no number of threads is held to as many CPUs', async () => {
  const { rows } = await run(await temporaryFolder(), 'held', '--iterations', '1', '--threads', '1')
  expect(rows.map(({ phase, status, settings }) => [phase, status, settings?.['cpus']])).toEqual(
    ['compile', 'witness', 'prove', 'verify'].map((phase) => [phase, 'ok', 1]),
  )
})

test.each([
  ['fork-away', /ended before it was ready: it ended with exit code 0, and has to stay in the foreground/],
  ['never-ready', /was not ready within 5 s: it answered nothing good on 127\.0\.0\.1:\d+\/health/],
  ['port-in-use', /ended before it was ready: .*service\.mjs ended with exit code 1/],
])('a service that is %s fails its phase with the reason, and is gone', async (how, why) => {
  const dir = await temporaryFolder()
  const { exitCode, rows } = await run(dir, how, '--iterations', '1')
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'skipped'])
  expect(rows[2]!.error).toMatchObject({ code: 'SERVICE_FAILED', message: expect.stringMatching(why) })
  expect(rows[2]).toMatchObject({ time_s: null, mem_mb: null })
  expect(exitCode).toBe(1)
  expect(listProcesses(dir)).toEqual([])
})

test('a service that dies between two proofs fails one of them, and is started again', async () => {
  const dir = await temporaryFolder()
  const { rows } = await run(dir, 'dies', '--iterations', 'compile=1,witness=1,prove=4,verify=1')
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'ok'])
  expect(proofs[2]).toMatchObject({
    signal: 'SIGKILL',
    error: { code: 'SERVICE_FAILED', message: expect.stringContaining('was ended by SIGKILL') },
  })
  expect(starts(proofs)).toEqual([true, false, false, true])
})

test('a service that ends between two requests fails the next one, and is started again', async () => {
  const dir = await temporaryFolder()
  const { rows } = await run(dir, 'quits', '--iterations', 'compile=1,witness=1,prove=4,verify=1')
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'ok'])
  expect(proofs[2]).toMatchObject({
    error: { code: 'SERVICE_FAILED', message: expect.stringContaining('it ended with exit code 0') },
  })
  expect(starts(proofs)).toEqual([true, false, false, true])
})

test('a service over the memory limit fails its request as out of memory, and is started again', async () => {
  const dir = await temporaryFolder()
  const flags = ['--iterations', 'compile=1,witness=1,prove=3,verify=1', '--memory-limit-mb', '600']
  const { rows } = await run(dir, 'greedy', ...flags)
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ status }) => status)).toEqual(['ok', 'out_of_memory', 'ok'])
  expect(proofs[1]!.error).toMatchObject({ code: 'SERVICE_FAILED' })
  expect(listProcesses(dir)).toEqual([])
})

test('a service that does nothing about the request to stop, nor about SIGTERM, is ended', async () => {
  const dir = await temporaryFolder()
  const { exitCode, rows } = await run(dir, 'stays+deaf+child', '--iterations', '1')
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(exitCode).toBe(0)
  expect(listProcesses(dir)).toEqual([])
})

test('a request over its time is a timeout; what the service still does is not waited for', async () => {
  const dir = await temporaryFolder()
  const flags = ['--iterations', 'compile=1,witness=1,prove=3,verify=1', '--timeout-s', 'prove=3']
  const { rows } = await run(dir, 'hangs', ...flags)
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ status }) => status)).toEqual(['ok', 'timeout', 'ok'])
  expect(proofs[1]!.error!.message).toBe('prove of served was ended after its timeout of 3 s')
  expect(starts(proofs)).toEqual([true, false, true])
})

test('the timeout of a request does not count the time that its service takes to load', async () => {
  const flags = ['--iterations', 'compile=1,witness=1,prove=2,verify=1', '--timeout-s', 'prove=1.5']
  const { rows } = await run(await temporaryFolder(), 'loads', ...flags)
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ status }) => status)).toEqual(['ok', 'ok'])
  expect(proofs[0]!.time_s_load).toBeGreaterThan(1.5)
})

test('verify detects garbage instead of a proof; a leak shows as memory that stays in use', async () => {
  const dir = await temporaryFolder()
  const { rows } = await run(dir, 'garbage', '--iterations', '1')
  expect(rows.at(-1)).toMatchObject({ phase: 'verify', status: 'failed', return_code: 1 })
  const leaking = await temporaryFolder()
  const flags = ['--iterations', 'compile=1,witness=1,prove=12,verify=1']
  const { rows: grown, output } = await run(leaking, 'leaks', ...flags)
  const after = grown.filter(({ phase }) => phase === 'prove').map(({ mem_mb_after }) => mem_mb_after!)
  expect(after[5]! - after[2]!).toBeGreaterThan(20)
  expect(output).toMatch(/the memory in use grows by \d+(\.\d+)? MB with each iteration/)
})
