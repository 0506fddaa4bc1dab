import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { parquetReadObjects } from 'hyparquet'
import { DOMParser } from 'linkedom'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeSweepRows, type SweepOptions } from '../../fixtures/sweep-rows.ts'
import { makeBaselineRows } from '../../fixtures/collect-rows.ts'
import { formatRow } from '../row/write.ts'
import type { Row } from '../row/schema.ts'

vi.setConfig({ testTimeout: 300_000 })

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

async function reportIn(dir: string, ...args: string[]) {
  return execa(process.execPath, [CLI, 'report', ...args], {
    cwd: dir,
    reject: false,
    env: { NO_COLOR: '1' },
  })
}

async function folderWith(options: SweepOptions, change: (row: Row) => Row = (row) => row): Promise<string> {
  const dir = await temporaryFolder()
  const lines = Array.from(makeSweepRows(options), (row) => formatRow(change(row)))
  writeFileSync(join(dir, 'rows.jsonl'), lines.join(''))
  return dir
}

const SMALL: SweepOptions = { depths: [1, 2, 3], sides: [14, 28] }

test('a page, the plots, and all rows beside it', async () => {
  const dir = await folderWith({ ...SMALL, provers: ['gnark', 'ezkl'], runs: 2, failure: true })
  const flags = ['--svg', 'plots', '--csv', 'out/rows.csv', '--parquet', 'out/rows.parquet']
  const { stdout, stderr, exitCode } = await reportIn(dir, 'rows.jsonl', '-o', 'out/report.html', ...flags)
  expect([stderr, exitCode]).toEqual(['', 0])
  expect(stdout.split('\n').map((line) => line.replace(/all \d+$/, 'all N'))).toEqual([
    'out/report.html: 10 points, 240 rows, 2 runs, 2 rows not ok',
    'plots: 19 plots; --plots list prints the names of all N',
    'out/rows.csv: 51 columns',
    'out/rows.parquet: 51 columns',
  ])
  expect(readdirSync(join(dir, 'out')).toSorted()).toEqual(['report.html', 'rows.csv', 'rows.parquet'])
  const page = readFileSync(join(dir, 'out/report.html'), 'utf8')
  expect(page).toContain('<title>provemark report</title>')
})

test('each plot is an SVG file that holds its title, its marks and no reference to anything', async () => {
  const dir = await folderWith(SMALL, (row) => ({ ...row, prover: { name: '<&"\u0007gnark' } }))
  await reportIn(dir, 'rows.jsonl', '--svg', 'plots')
  const names = readdirSync(join(dir, 'plots'))
  expect(names).toContain('prove-time-over-depth.svg')
  expect(names).toContain('phases.svg')
  for (const name of names) {
    const text = readFileSync(join(dir, 'plots', name), 'utf8')
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/,
    )
    expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|var\(|NaN|undefined/)
  }
  const { documentElement: svg } = new DOMParser().parseFromString(
    readFileSync(join(dir, 'plots/prove-time-over-depth.svg'), 'utf8'),
    'image/svg+xml',
  )
  expect(svg.textContent).toContain('Time of prove over depth')
  expect(svg.textContent).toContain('<&" gnark  ∝ depth^')
  expect(svg.querySelectorAll('.samples circle').length).toBe(9)
})

test('size, font, title and legend of the files are chosen, and which plots are written', async () => {
  const dir = await folderWith({ ...SMALL, provers: ['gnark', 'ezkl'] })
  const draw = async (folder: string, ...flags: string[]) => {
    const { stderr, exitCode } = await reportIn(dir, 'rows.jsonl', '--svg', folder, ...flags)
    expect([stderr, exitCode]).toEqual(['', 0])
    return readdirSync(join(dir, folder)).toSorted()
  }
  const read = (folder: string) => {
    const text = readFileSync(join(dir, folder, 'prove-time-over-depth.svg'), 'utf8')
    const { documentElement: svg } = new DOMParser().parseFromString(text, 'image/svg+xml')
    const sizes = ['width', 'height', 'viewBox'].map((name) => svg.getAttribute(name))
    const words = [...svg.querySelectorAll('text')].map((own) => own.textContent).join('|')
    return { sizes, words }
  }
  const plots = ['--plots', 'phases,prove-time-over-depth']
  expect(await draw('usual', ...plots)).toEqual(['phases.svg', 'prove-time-over-depth.svg'])
  const usual = read('usual')
  expect(usual.sizes[0]).toBe('560')
  expect(usual.words).toContain('Time of prove over depth')
  expect(usual.words).toContain('gnark  ∝ depth^')
  const flags = [
    '--svg-width',
    '330',
    '--svg-height',
    '220',
    '--svg-font-size',
    '22',
    '--svg-scale',
    'linear',
  ]
  await draw('own', ...plots, ...flags, '--no-svg-title', '--no-svg-legend')
  const own = read('own')
  // Twice the font size: the same picture as at half the size, enlarged.
  expect(own.sizes).toEqual(['330', '240', '0 0 165 120'])
  expect(own.words).not.toMatch(/Time of prove|gnark/)
  expect(own.words).toContain('depth (conv blocks)')
  const all = await draw('all', '--plots', 'all')
  const { stdout } = await reportIn(dir, 'rows.jsonl', '--plots', 'list')
  const [, ...names] = stdout.split('\n')
  expect(names.map((name) => `${name}.svg`).toSorted()).toEqual(all)
})

test('a plot that does not exist is named with its nearest, and a flag of the files needs their folder', async () => {
  const dir = await folderWith(SMALL)
  const wrong = await reportIn(dir, 'rows.jsonl', '--svg', 'plots', '--plots', 'prove-tme-over-depth,phases')
  expect(wrong.stderr).toBe(
    'CONFIG_INVALID: --plots: expected names of plots, given prove-tme-over-depth (did you mean prove-time-over-depth?)\n' +
      '  next: --plots list prints the names of all plots of these rows',
  )
  expect(wrong.exitCode).toBe(2)
  expect(existsSync(join(dir, 'plots'))).toBe(false)
  const alone = await reportIn(dir, 'rows.jsonl', '--no-svg-title', '--plots', 'phases')
  expect(alone.stderr).toMatch(
    /--svg-title: expected --svg DIR with it\n.*--plots: expected --svg DIR with it/,
  )
  expect(alone.exitCode).toBe(2)
})

const FORMULAS = [
  '=HYPERLINK("http://x")',
  '+1+1',
  '-2',
  '@SUM(1)',
  '\t=1+1',
  '\r=1+1',
  '\ntext',
  ' =1+1',
  '\u00A0=1+1',
  '\u200B=1+1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(1)',
]

test('no text of a row is a formula in its CSV, and numbers are numbers', async () => {
  const dir = await folderWith({ ...SMALL, iterations: 1 }, (row) => ({
    ...row,
    text: Object.fromEntries(
      FORMULAS.flatMap((text, i) => [
        [`${i}`, text],
        [`plain${i}`, `a${text}`],
      ]),
    ),
    '=own': -2.5,
  }))
  await reportIn(dir, 'rows.jsonl', '--csv', 'rows.csv')
  const csv = await readFile(join(dir, 'rows.csv'), 'utf8')
  const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  for (const text of FORMULAS) {
    expect(csv).toContain(`,${quoted(`'${text}`)},`)
    expect(csv).not.toContain(`,${quoted(text)},`)
    expect(csv).toContain(`,${quoted(`a${text}`)},`)
  }
  expect(csv).toMatch(/,'=own\n/)
  expect(csv).toContain(',-2.5\n')
})

test('CSV and Parquet hold every row, with nested fields as columns', async () => {
  const text = 'a "quoted", text\nwith a line'
  const dir = await folderWith({ ...SMALL, iterations: 1 }, (row) => ({
    ...row,
    warnings: [text],
    own: text,
    odd: row.iteration! > 0,
  }))
  await reportIn(dir, 'rows.jsonl', '--csv', 'rows.csv', '--parquet', 'rows.parquet')
  const csv = await readFile(join(dir, 'rows.csv'), 'utf8')
  const [head] = csv.split('\n')
  expect(head).toMatch(
    /^\uFEFFtimestamp,model,iteration,phase,.*ecc\.totalCost,.*params\.depth,.*machine\.cpu,/,
  )
  expect(csv).toContain(',"a ""quoted"", text\nwith a line",')
  const bytes = await readFile(join(dir, 'rows.parquet'))
  const file = Uint8Array.from(bytes).buffer
  const rows = await parquetReadObjects({ file })
  const expected = [...makeSweepRows({ ...SMALL, iterations: 1 })]
  expect(rows.length).toBe(expected.length)
  expect(
    rows.map((row) => [
      row['time_s'],
      row['iteration'],
      row['ecc.totalCost'],
      row['params.depth'],
      row['own'],
      row['odd'],
    ]),
  ).toEqual(
    expected.map(({ time_s, ecc, params }) => [
      time_s,
      1n,
      ecc?.['totalCost'] === undefined ? null : BigInt(ecc['totalCost']),
      BigInt(params!['depth'] as number),
      text,
      true,
    ]),
  )
})

test('the last run is shown, another one when it is asked for', async () => {
  const dir = await folderWith({ ...SMALL, runs: 3 })
  const countOf = async (...args: string[]) => {
    await reportIn(dir, 'rows.jsonl', ...args)
    const page = await readFile(join(dir, 'report.html'), 'utf8')
    return /<b>(\d+)<\/b>\s*rows ok/.exec(page)?.[1]
  }
  expect(await countOf()).toBe('60')
  expect(await countOf('--run', 'run-02')).toBe('60')
  expect(await countOf('--run', 'all')).toBe('180')
  const { stderr, exitCode } = await reportIn(dir, 'rows.jsonl', '--run', 'run-9')
  expect(stderr).toMatch(
    /^NO_ROWS: no row of run run-9 in rows.jsonl\n {2}next: --run all .*run-01, run-02, run-03$/,
  )
  expect(exitCode).toBe(2)
})

test('a baseline in the same file is the runs before', async () => {
  const dir = await folderWith({ ...SMALL, runs: 2, slowFrom: 1, slowdown: 1.5 })
  const { stdout, stderr, exitCode } = await reportIn(dir, 'rows.jsonl', '--baseline', 'rows.jsonl')
  expect([stdout, stderr, exitCode]).toEqual(['report.html: 5 points, 120 rows, 2 runs', '', 0])
  const page = await readFile(join(dir, 'report.html'), 'utf8')
  expect(page.match(/<small class="worse">\s*\+\d+ %/g)?.length).toBe(5)
})

test('a baseline in the same file is read once, so its damaged lines are told once', async () => {
  const dir = await folderWith({ ...SMALL, runs: 2 })
  const file = join(dir, 'rows.jsonl')
  writeFileSync(file, `no row\n${readFileSync(file, 'utf8')}`)
  const { stderr } = await reportIn(dir, 'rows.jsonl', '--baseline', './rows.jsonl')
  expect(stderr.match(/^rows.jsonl:1: /gm)?.length).toBe(1)
  expect(stderr).toContain('1 unreadable line left out')
})

test('times are shown in UTC and runs stand in their order, whatever the zone of a row', async () => {
  const dir = await temporaryFolder()
  // The first ended at 12:00 and the second at 13:00 on the 2nd, whatever the texts look like; the third has no zone.
  const zones = ['2026-01-03T02:00:00+14:00', '2026-01-02T03:00:00-10:00', '2026-01-02T14:00:00']
  const rows = zones.flatMap((timestamp, run) =>
    Array.from(makeSweepRows({ depths: [1], sides: [14] }), (row) => ({
      ...row,
      timestamp,
      run_id: `run-${run}`,
    })),
  )
  writeFileSync(join(dir, 'rows.jsonl'), rows.toReversed().map(formatRow).join(''))
  const { exitCode, stderr } = await reportIn(dir, 'rows.jsonl', '--run', 'all')
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/^\d+ rows have times without a zone: sorted among the others as if in UTC$/)
  const page = await readFile(join(dir, 'report.html'), 'utf8')
  const shown = [...page.matchAll(/<time [^>]*>([^<]*)<\/time>/g)].map(([, text]) => text)
  expect(new Set(shown)).toEqual(
    new Set(['2026-01-02 12:00 UTC', '2026-01-02 13:00 UTC', '2026-01-02 14:00 (no zone given)']),
  )
  // Newest first.
  const order = [...page.slice(page.indexOf('id="conditions"')).matchAll(/run-\d/g)].map(([id]) => id)
  expect([...new Set(order)]).toEqual(['run-2', 'run-1', 'run-0'])
})

test('damaged lines are told, and the other rows shown', async () => {
  const dir = await folderWith(SMALL)
  writeFileSync(join(dir, 'rows.jsonl'), `{"phase": "prove", "time_\n`, { flag: 'a' })
  const { stderr, exitCode } = await reportIn(dir, 'rows.jsonl')
  expect(stderr).toMatch(/^rows.jsonl:61: ROWS_UNREADABLE: [^]*\n1 unreadable line left out$/)
  expect(exitCode).toBe(0)
})

test('nothing to show, nothing to read and nowhere to write each end with 2 and leave nothing behind', async () => {
  const dir = await folderWith(SMALL)
  writeFileSync(join(dir, 'empty.jsonl'), '')
  await mkdir(join(dir, 'folder'))
  const failures = [
    [['empty.jsonl'], /^NO_ROWS: no row in empty.jsonl/],
    [[], /^NO_ROWS: no results file was named/],
    [['missing.jsonl'], /^ROWS_UNREADABLE: cannot read missing.jsonl: there is no such file/],
    [['folder'], /^ROWS_UNREADABLE: cannot read folder: it is a folder/],
    [['rows.jsonl', '--baseline', 'missing.jsonl'], /^ROWS_UNREADABLE: cannot read missing.jsonl/],
    [['rows.jsonl', '-o', 'folder'], /^FILE_UNWRITABLE: cannot write folder/],
    [['rows.jsonl', '--csv', 'rows.jsonl'], /^CONFIG_INVALID: --csv: rows.jsonl is one of the files to read/],
    [
      ['rows.jsonl', '-o', './rows.jsonl'],
      /^CONFIG_INVALID: --output: .\/rows.jsonl is one of the files to read/,
    ],
    [
      ['rows.jsonl', '-o', 'x', '--parquet', './x'],
      /^CONFIG_INVALID: --parquet: .\/x is what --output writes/,
    ],
  ] as const
  const before = await readFile(join(dir, 'rows.jsonl'), 'utf8')
  for (const [args, message] of failures) {
    const { stderr, exitCode } = await reportIn(dir, ...args)
    expect(stderr).toMatch(message)
    expect(exitCode).toBe(2)
  }
  expect(existsSync(join(dir, 'report.html'))).toBe(false)
  expect(readdirSync(dir).toSorted()).toEqual(['empty.jsonl', 'folder', 'rows.jsonl'])
  expect(await readFile(join(dir, 'rows.jsonl'), 'utf8')).toBe(before)
})

test('a baseline of condensed rows counts every iteration in them', async () => {
  const dir = await folderWith({ ...SMALL, slowFrom: 0, slowdown: 1.5 })
  const rows = Array.from(makeSweepRows(SMALL), (row) => ({ ...row, run_id: 'before' }))
  writeFileSync(join(dir, 'base.jsonl'), makeBaselineRows(rows).map(formatRow).join(''))
  await reportIn(dir, 'rows.jsonl', '--baseline', 'base.jsonl')
  const page = await readFile(join(dir, 'report.html'), 'utf8')
  expect(page.match(/<small class="worse">\s*\+50 %/g)?.length).toBe(5)
})

test('the sides of a comparison stand against each other', async () => {
  const dir = await folderWith({ ...SMALL, provers: ['gnark', 'ezkl'] }, (row) => {
    const side = row.prover!.name === 'gnark' ? 'a' : 'b'
    return { ...row, side, prover: { name: 'gnark' } }
  })
  await reportIn(dir, 'rows.jsonl', '--svg', 'plots')
  const contest = await readFile(join(dir, 'plots/prove-time-by-prover.svg'), 'utf8')
  expect(contest).toContain('gnark (a)')
  expect(contest).toContain('gnark (b)')
  expect(contest.match(/×\d/g)?.length).toBe(5)
})
