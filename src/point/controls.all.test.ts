import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
/** A depth-1 point on the prover whose proofs are hashes, with the given misbehaviour. */
async function runHasher(options: string, ...flags: string[]) {
  const dir = await temporaryFolder()
  const prover = `./fixtures/provers/hasher.ts${options}`
  const iterations = 'compile=1,witness=1,prove=1,verify=2'
  const run = await runBench(
    dir,
    ['depth'],
    ['--prover', prover, '--iterations', iterations, ...TINY, ...flags],
  )
  const [first, second] = run.rows.filter(({ phase }) => phase === 'verify')
  return { ...run, first, second }
}

test('the first good verify of a point refuses forgeries and agrees with the float model', async () => {
  const { exitCode, first, second } = await runHasher('')
  expect(first).toMatchObject({ status: 'ok', controls: { proof: 'rejected', output: 'rejected' } })
  expect(first?.output_max_abs_error).toBeGreaterThan(0)
  expect(first?.output_max_abs_error).toBeLessThanOrEqual(first!.output_tolerance!)
  expect(second?.controls).toBeUndefined()
  expect(exitCode).toBe(0)
})

test.each(['proof', 'output'] as const)(
  'a verifier that accepts a forged %s fails the run',
  async (target) => {
    const { exitCode, first, second, output } = await runHasher(`,accept=${target}`)
    expect(first).toMatchObject({
      status: 'failed',
      return_code: 0,
      error: { code: 'FORGERY_ACCEPTED', message: `verify accepted a forged ${target}` },
      controls: { [target]: 'accepted' },
    })
    expect(second?.status).toBe('ok')
    expect(output).toContain('FORGERY_ACCEPTED')
    expect(exitCode).toBe(1)
  },
)

test('a crash is inconclusive, never a rejection', async () => {
  const { exitCode, first } = await runHasher(',crash=true')
  expect(first).toMatchObject({ status: 'ok', controls: { proof: 'inconclusive', output: 'inconclusive' } })
  expect(first?.warnings?.join('\n')).toContain('verify was ended by SIGSEGV')
  expect(exitCode).toBe(0)
})

test('a proof of another output than the model gives fails the run', async () => {
  const { exitCode, first } = await runHasher(',off_by=0.01')
  expect(first).toMatchObject({ status: 'failed', error: { code: 'OUTPUT_MISMATCH' } })
  expect(first?.output_max_abs_error).toBeCloseTo(0.01, 3)
  expect(exitCode).toBe(1)
})

test('--no-controls shows the verifier nothing forged', async () => {
  const { exitCode, first } = await runHasher(',accept=proof', '--no-controls')
  expect(first).toMatchObject({ status: 'ok' })
  expect(first?.controls).toBeUndefined()
  expect(exitCode).toBe(0)
})

test('the full profile leaves controls out', async () => {
  const { first } = await runHasher('', '--profile', 'full')
  expect(first).toMatchObject({ status: 'ok' })
  expect(first?.controls).toBeUndefined()
})
