import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'

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
  expect(proofs[0]!.time_s_load).toBeGreaterThan(0.3)
  expect(rows.filter(({ time_s_load }) => time_s_load != null)).toHaveLength(1)
  for (const row of proofs) {
    expect(row.time_s).toBeGreaterThanOrEqual(0.05)
    expect(row.time_s).toBeLessThan(proofs[0]!.time_s_load!)
    expect(row.cpu_user_s! + row.cpu_sys_s!).toBeGreaterThan(0.005)
    // The service, not what asks it.
    expect(row.mem_mb).toBeGreaterThan(20)
    expect(row).toMatchObject({ time_s_rust: 0.05, mem_source: 'hwm', mem_lower_bound: false })
    expect(row.cmd).toEqual(['POST', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/prove$/)])
  }
  expect(proofs[1]!.mem_mb! - proofs[0]!.mem_mb!).toBeGreaterThan(100)
  expect(rows.at(-2)).toMatchObject({ controls: { proof: 'rejected' } })
  expect(output).toMatch(/prove: loaded in \d\.\d+ s, then p50 0\.\d+ s\n/)
  expect(exitCode).toBe(0)
  expect(listProcesses(dir)).toEqual([])
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
  expect(proofs[3]!.time_s_load).toBeGreaterThan(0.3)
})

test('a service that ends between two requests fails the next one, and is started again', async () => {
  const dir = await temporaryFolder()
  const { rows } = await run(dir, 'quits', '--iterations', 'compile=1,witness=1,prove=4,verify=1')
  const proofs = rows.filter(({ phase }) => phase === 'prove')
  expect(proofs.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'ok'])
  expect(proofs[2]).toMatchObject({
    error: { code: 'SERVICE_FAILED', message: expect.stringContaining('it ended with exit code 0') },
  })
  expect(proofs[3]!.time_s_load).toBeGreaterThan(0.3)
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
  expect(proofs[2]!.time_s_load).toBeGreaterThan(0.3)
})

test('garbage for a proof is found out by verify; a leak shows as memory that stays', async () => {
  const dir = await temporaryFolder()
  const { rows } = await run(dir, 'garbage', '--iterations', '1')
  expect(rows.at(-1)).toMatchObject({ phase: 'verify', status: 'failed', return_code: 1 })
  const leaking = await temporaryFolder()
  const flags = ['--iterations', 'compile=1,witness=1,prove=12,verify=1']
  const { rows: grown, output } = await run(leaking, 'leaks', ...flags)
  const after = grown.filter(({ phase }) => phase === 'prove').map(({ mem_mb_after }) => mem_mb_after!)
  expect(after[5]! - after[2]!).toBeGreaterThan(20)
  expect(output).toMatch(/memory that stays grows by \d+(\.\d+)? MB with each iteration/)
})
