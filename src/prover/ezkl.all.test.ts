import { existsSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { cacheDir } from '../lib/cache.ts'
import { checkConformance } from '../conformance/index.ts'
import { generateCnn, generateLenet } from '../model/generate/cnn.ts'
import { ezkl } from './ezkl.ts'
import { peakMbAt } from './ezkl.ts'
import { measureWorkload } from '../model/workload.ts'

const TINY = [
  '--iterations',
  '1',
  '--depth-max',
  '1',
  '--input-hw',
  '8',
  '--conv-out-ch',
  '4',
  '--fc-hidden',
  '16',
]
/** Including the download of the package and the SRS, on a busy machine. */
const REAL_RUN = { timeout: 600_000 }
const SETTINGS = { scale_bits: 7, inner_cols: 2 }

async function runEzkl(spec: string, flags: string[], env: Record<string, string> = {}) {
  const dir = await temporaryFolder()
  const all = ['--prover', spec, ...flags]
  const run = await startBench(dir, ['depth'], all, { env: { NO_COLOR: '1', ...env } })
  return { exitCode: run.exitCode, output: String(run.all), rows: await readRowsOf(dir) }
}

test(
  'a real run through the Python package; the SRS is made once, apart from compile',
  REAL_RUN,
  async () => {
    const { bin } = await ezkl.locate({})
    const cache = await temporaryFolder()
    await symlink(cacheDir('bin'), join(cache, 'bin'))
    const flags = [...TINY.slice(2), '--iterations', 'compile=2,witness=1,prove=1,verify=1']
    const { exitCode, rows } = await runEzkl(`ezkl,bin=${bin}`, flags, { PROVEMARK_CACHE: cache })
    expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
      'compile ok',
      'compile ok',
      'witness ok',
      'prove ok',
      'verify ok',
    ])
    const [compile, again, , prove, verify] = rows
    expect(compile).toMatchObject({
      prover: { name: 'ezkl', version: '23.0.5' },
      ecc: {
        num_rows: 11718,
        total_assignments: 23436,
        logrows: 15,
        totalCost: 23436,
        required_range_checks: 2,
      },
      settings: SETTINGS,
    })
    expect(compile?.['srs_time_s']).toBeGreaterThan(0)
    expect(again?.['srs_time_s']).toBe(0)
    expect(existsSync(join(cache, 'ezkl', 'srs', 'kzg15.srs'))).toBe(true)
    expect(compile?.['pk_size_bytes']).toBeGreaterThan(2 ** 28)
    expect(prove?.time_s).toBeGreaterThan(prove!.time_s_rust!)
    // The memory rule holds where it was measured.
    expect(prove!.mem_mb! / peakMbAt(15)).toBeCloseTo(1, 0)
    expect(verify).toMatchObject({ controls: { proof: 'rejected', output: 'rejected' } })
    expect(verify?.output_max_abs_error).toBeLessThan(verify!['output_tolerance']!)
    expect(exitCode).toBe(0)
  },
)

test('a real run through its command, as it lies on PATH', REAL_RUN, async () => {
  const { bin } = await ezkl.locate({})
  const folder = await temporaryFolder()
  await symlink(resolve('fixtures/provers/ezkl.mjs'), join(folder, 'ezkl'))
  const env = { PATH: `${folder}:${process.env['PATH']}`, EZKL_FIXTURE_PYTHON: bin }
  const { exitCode, rows } = await runEzkl('ezkl', TINY, env)
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(rows[0]?.cmd).toContain('--ezkl')
  expect(rows[0]).toMatchObject({ prover: { version: '23.0.5' }, ecc: { totalCost: 23436 } })
  expect(rows[3]).toMatchObject({ controls: { proof: 'rejected', output: 'rejected' } })
  expect(exitCode).toBe(0)
})

test('a model at the edge of the rule is found too large before its SRS is made', REAL_RUN, async () => {
  // 33,323 rows: the rule says 2^15, calibration finds 2^16.
  const flags = [
    '--depth-min',
    '2',
    '--depth-max',
    '2',
    '--input-hw',
    '14',
    '--conv-out-ch',
    '2',
    '--fc-hidden',
    '8',
  ]
  const { exitCode, rows } = await runEzkl('ezkl', [...flags, '--memory-limit-mb', '1000'])
  expect(rows[0]).toMatchObject({ status: 'skipped', error: { code: 'MODEL_TOO_LARGE' } })
  expect(rows[0]?.error?.message).toBe(
    'ezkl needs about 1448 MB for it (by its preparation), and may use 1000 MB here',
  )
  // Nothing was measured.
  expect(exitCode).toBe(2)
})

test('it conforms', REAL_RUN, async () => {
  const { checks, failures } = await checkConformance('ezkl')
  expect(failures).toEqual([])
  expect(checks.map(({ result }) => result)).toEqual(checks.map(() => 'passed'))
})

test('the memory rule knows that LeNet takes some 22 GB', () => {
  const predict = (model: Parameters<typeof measureWorkload>[0]) =>
    ezkl.predictPeakMb!(measureWorkload(model), SETTINGS)
  expect(predict(generateLenet({ seed: 42 }))).toBe(peakMbAt(20))
  // logrows as ezkl 23.0.5 calibrates them.
  const sizes = { in_ch: 4, n_actions: 10, seed: 42 }
  const cases = [
    [{ depth: 1, input_hw: 8, conv_out_ch: 4, fc_hidden: 16 }, 15],
    [{ depth: 1, input_hw: 28, conv_out_ch: 8, fc_hidden: 32 }, 19],
    [{ depth: 2, input_hw: 14, conv_out_ch: 16, fc_hidden: 64 }, 19],
    [{ depth: 3, input_hw: 20, conv_out_ch: 4, fc_hidden: 16 }, 18],
    [{ depth: 5, input_hw: 28, conv_out_ch: 8, fc_hidden: 128 }, 20],
  ] as const
  for (const [size, logrows] of cases)
    expect(predict(generateCnn({ ...sizes, ...size }))).toBe(peakMbAt(logrows))
})

test('where it is not set up, doctor can say so without setting it up', async () => {
  const empty = await temporaryFolder()
  await mkdir(join(empty, 'bin'))
  vi.stubEnv('PROVEMARK_CACHE', empty)
  vi.stubEnv('PATH', join(empty, 'bin'))
  await expect(ezkl.locate({ build: false })).rejects.toMatchObject({
    code: 'PROVER_NOT_FOUND',
    hint: 'npx provemark setup ezkl',
  })
  await expect(ezkl.locate({})).rejects.toThrow('no python3 on PATH')
  vi.unstubAllEnvs()
})
