import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import type { FigureScaling } from '../row/scaling.ts'
import type { Row } from '../row/schema.ts'
import { formatRow } from '../row/write.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/rows/${name}.jsonl`, import.meta.url))

const summary = (...args: string[]) =>
  execa(process.execPath, [CLI, 'summary', ...args], {
    reject: false,
    env: { PROVEMARK_ASCII: '0', NO_COLOR: '1' },
  })

test('prints a card for each point, and one for the run where there are several', async () => {
  const { exitCode, stdout } = await summary(fixture('sweep'))
  expect(exitCode).toBe(0)
  expect(stdout.match(/^depth_d\d · track depth/gm)).toHaveLength(4)
  expect(stdout).toContain('run run-b · 4 points · 16 rows ok')
  expect((await summary(fixture('reference'))).stdout).toContain('totalCost 23,521,323')
})

test('--json gives the same figures', async () => {
  const { stdout, exitCode } = await summary(fixture('sweep'), '--json')
  const figures = JSON.parse(stdout)
  expect(exitCode).toBe(0)
  expect(figures).toMatchObject({ rows: 16, unreadable_lines: 0 })
  expect(figures.points[0].phases[1]).toMatchObject({ phase: 'prove', ok: 3, time_s: { n: 3 } })
  expect(figures.scaling).toContainEqual(
    expect.objectContaining({ phase: 'compile', metric: 'time_s', against: 'totalCost', n: 4 }),
  )
})

test('laws along every parameter that varies, with the others held fixed, over the axes of the report', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'provemark-summary-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const sweep = (d_models: number[], layers: number[]) =>
    d_models.flatMap((d_model) =>
      layers.flatMap((own) => [8, 16, 32, 64].map((tokens) => compile(d_model, own, tokens))),
    )
  const compile = (d_model: number, layers: number, seq_len: number): Row => ({
    phase: 'compile',
    track: 'transformer',
    params: { layers, heads: 2, d_model, seq_len, form: 'operators', seed: 1 },
    param_count: layers * d_model ** 2,
    status: 'ok',
    return_code: 0,
    time_source: 'wall',
    time_s: (layers * d_model * seq_len ** 2) / 1e4,
    mem_mb: 5 + d_model * seq_len,
    ecc: { totalCost: layers * d_model * seq_len },
    prover: { name: 'gnark' },
  })
  const path = join(dir, 'rows.jsonl')
  const write = (rows: readonly Row[]) => writeFileSync(path, rows.map((row) => formatRow(row)).join(''))

  write(sweep([16, 32], [1]))
  const { stdout } = await summary(path)
  const laws = stdout.match(/^.*\^.*$/gm)!.map((line) => line.split(/ *│ */).slice(1, 4).join(': '))
  expect(laws).toEqual([
    'transformer operators, gnark, d_model 16: totalCost: seq_len^1.00',
    'transformer operators, gnark, d_model 16: compile time: seq_len^2.00',
    'transformer operators, gnark, d_model 16: compile memory: seq_len^0.98',
    'transformer operators, gnark, d_model 32: totalCost: seq_len^1.00',
    'transformer operators, gnark, d_model 32: compile time: seq_len^2.00',
    'transformer operators, gnark, d_model 32: compile memory: seq_len^0.99',
    expect.stringMatching(/^transformer operators, gnark: compile time: (?:c \+ )?totalCost\^/),
    expect.stringMatching(/^transformer operators, gnark: compile memory: (?:c \+ )?totalCost\^/),
  ])

  write(sweep([16, 32, 64, 128], [1, 2, 3, 4]))
  const many = await summary(path)
  expect(many.stdout).toContain('8 more over seq_len: npx provemark summary --json has all')
  const { scaling } = JSON.parse((await summary(path, '--json')).stdout) as { scaling: FigureScaling[] }
  const axes = [...new Set(scaling.map(({ against }) => against))]
  expect(axes).toEqual(['layers', 'd_model', 'seq_len', 'param_count', 'totalCost'])
  expect(scaling.filter(({ against }) => against === 'seq_len')).toHaveLength(3 * 16)
  expect(scaling[0]).toMatchObject({
    phase: null,
    metric: 'ecc.totalCost',
    held: { d_model: 16, heads: 2, seq_len: 8 },
  })
  const plots = await execa(process.execPath, [
    CLI,
    'report',
    path,
    '-o',
    join(dir, 'page.html'),
    '--plots',
    'list',
  ])
  const overAxes = plots.stdout.match(/(?<=^compile-time-over-).*$/gm)
  expect(overAxes).toEqual(['layers', 'd-model', 'seq-len', 'param-count', 'total-cost'])
})

test('--run takes an earlier run, or all', async () => {
  const count = async (...args: string[]) =>
    JSON.parse((await summary(fixture('failed-prove'), '--json', ...args)).stdout).rows
  expect(await count()).toBe(10)
  expect(await count('--run', 'run-a')).toBe(1)
  expect(await count('--run=all')).toBe(11)
})

test('finds the files of a glob where the shell does not, as on Windows', async () => {
  const glob = fixture('sw*p').replaceAll('/', '\\')
  expect((await summary(glob)).stdout).toContain('run run-b · 4 points')
  const none = await summary('no-such-*.jsonl')
  expect(none.stderr).toContain('no-such-*.jsonl')
  expect(none.exitCode).toBe(2)
})

test('takes all rows of a pipe, and says why it cannot find the last run of one', async () => {
  const piped = (...args: string[]) =>
    execa(
      'sh',
      [
        '-c',
        'rows=$1; shift; cat "$rows" | "$@"',
        'sh',
        fixture('failed-prove'),
        process.execPath,
        CLI,
        'summary',
        '/dev/stdin',
        ...args,
      ],
      { reject: false },
    )
  expect(JSON.parse((await piped('--json', '--run', 'all')).stdout).rows).toBe(11)
  const last = await piped()
  expect(last.exitCode).toBe(2)
  expect(last.stderr).toContain('ROWS_UNREADABLE: cannot read /dev/stdin: it is not a regular file')
  expect(last.stderr).toContain('--run all')
})

test('unreadable lines are told with their place, and hide no good row', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'provemark-summary-')), 'rows.jsonl')
  writeFileSync(path, `oops\n${readFileSync(fixture('reference'), 'utf8')}${'[]\n'.repeat(30)}`)
  const { exitCode, stdout, stderr } = await summary(path, '--json')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ rows: 4, unreadable_lines: 31 })
  expect(stderr).toContain(`${path}:1: ROWS_UNREADABLE: not JSON`)
  expect(stderr.match(/ROWS_UNREADABLE/g)).toHaveLength(10)
  expect(stderr).toContain('31 unreadable lines left out')
})

test('the card of rows of which none succeeded is shown, and ends with 2', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'provemark-summary-')), 'rows.jsonl')
  const rows = readFileSync(fixture('sweep'), 'utf8').trim().split('\n').slice(0, 8)
  const skipped = rows.map((row) => ({
    ...JSON.parse(row),
    status: 'skipped',
    return_code: null,
    time_s: null,
  }))
  writeFileSync(path, skipped.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const { exitCode, stdout, stderr } = await summary(path, '--json')
  expect(exitCode).toBe(2)
  expect(stderr).toBe('NO_ROWS: nothing was measured: no phase succeeded')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 8 })
})

test('ends with 2 and NO_ROWS where there is nothing to sum up', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'provemark-summary-')), 'rows.jsonl')
  writeFileSync(path, '\n')
  for (const args of [[], [path], [fixture('reference'), '--run', 'nobody']]) {
    const { exitCode, stderr } = await summary(...args)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('NO_ROWS')
  }
  expect(await summary('/no/such.jsonl')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('ROWS_UNREADABLE'),
  })
})
