import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { writeRows } from '../../fixtures/gate-rows.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import type { Row } from '../row/schema.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

async function table(rows: readonly Row[], ...args: string[]) {
  const dir = await temporaryFolder()
  const file = writeRows(join(dir, 'rows.jsonl'), [...rows])
  return execa(process.execPath, [CLI, 'table', file, ...args], {
    cwd: dir,
    reject: false,
    env: { NO_COLOR: '1' },
  })
}

interface Shape {
  prover?: Row['prover']
  n?: number
  /** Time of the first iteration, s. */
  from?: number
  with?: Partial<Row>
}

/** Iterations of one prove, each a thousandth slower than the one before. */
const proves = ({
  prover = { name: 'gnark', version: '1' },
  n = 10,
  from = 1,
  with: more = {},
}: Shape = {}): Row[] =>
  Array.from({ length: n }, (_, i) => ({
    phase: 'prove',
    track: 't',
    point: 'p1',
    params: { size: 1 },
    run_id: 'r1',
    status: 'ok',
    return_code: 0,
    time_source: 'wall',
    iteration: i + 1,
    time_s: from + i / 1000,
    proof_size_bytes: 196,
    prover,
    machine: { cpu: 'Test CPU', cores: 2, commit: '0123456789ab' },
    ...more,
  }))

const PUBLIC: Row['security'] = {
  scheme: 's',
  field: 'f',
  setup: 'none',
  bits: 100,
  weights: 'public',
  input: 'public',
  output: 'public',
  zero_knowledge: false,
}

test('a line per variant: medians, intervals that say what they count, and the conditions', async () => {
  const rows = [8, 12].flatMap((bits) => proves({ from: bits, with: { settings: { bits } } }))
  const { stdout, exitCode } = await table(rows)
  expect(exitCode).toBe(0)
  const [head, rule, ...lines] = stdout.split('\n')
  expect(head).toBe('| point | prover | prove (s) | proof (bytes) |')
  expect(rule).toBe('| :-- | :-- | --: | --: |')
  expect(lines[0]).toMatch(/^\| p1 \| gnark bits=8 \| 8\.005 &#91;8\.00\d, 8\.00\d&#93; \| 196 \|$/)
  expect(lines[1]).toMatch(/^\| p1 \| gnark bits=12 \| 12\.005 /)
  expect(stdout).toContain('n = 10, one run.')
  expect(stdout).toContain('95 % interval of the median over the iterations of one run.')
  expect(stdout).toContain('Measured on Test CPU · 2 cores. Versions: gnark 1. Commit: 01234567.')
})

test('a table says how many of its iterations other programs disturbed', async () => {
  const rows = proves().map((row, i) => ({ ...row, disturbed: i < 3 ? 0.2 + i / 5 : 0 }))
  const said = 'Other programs disturbed 3 of 10 iterations, for 20 % to 60 % of their time.'
  expect((await table(rows)).stdout).toContain(said)
  expect((await table(rows, '--format', 'latex')).stdout).toContain(said.replaceAll('%', String.raw`\%`))
  for (const [own, count] of [
    [rows, '3'],
    [proves(), ''],
  ] as const) {
    const { stdout } = await table(own, '--format', 'csv')
    const [head, line] = stdout.split('\n').map((cells) => cells.split(','))
    expect(line![head!.indexOf('disturbed')]).toBe(count)
  }
  expect((await table(proves())).stdout).not.toContain('disturbed')
})

test('every machine is named in full, however many there are', async () => {
  const cpus = Array.from({ length: 9 }, (_, i) => `Processor ${i} with a name of some length`)
  const rows = cpus.flatMap((cpu, i) => proves({ with: { run_id: `r${i}`, machine: { cpu, cores: 2 } } }))
  for (const format of ['markdown', 'latex']) {
    const { stdout } = await table(rows, '--run', 'all', '--format', format)
    const sources = stdout.slice(stdout.indexOf('Measured on'))
    for (const cpu of cpus) expect(sources).toContain(cpu)
  }
})

test('several runs count as one value each', async () => {
  const rows = [1, 2, 3].flatMap((run) => proves({ from: run, with: { run_id: `r${run}` } }))
  const { stdout } = await table(rows, '--run', 'all')
  expect(stdout).toMatch(/\| p1 \| gnark \| 2\.005 \(1\.00\d, 3\.00\d\) \|/)
  expect(stdout).toContain('n = 30, 3 runs.')
  expect(stdout).toContain('smallest and largest of the medians of the runs, too few for an interval')
})

test('a best is marked only with evidence: turns or several runs, and the same thing proved', async () => {
  const pair = (a: Partial<Row>, b: Partial<Row>) => [
    ...proves({ with: { security: PUBLIC, ...a } }),
    ...proves({ prover: { name: 'other', version: '2' }, from: 2, with: { security: PUBLIC, ...b } }),
  ]
  const turns = (await table(pair({ side: 'a' }, { side: 'b' }))).stdout
  expect(turns).toMatch(/\| gnark \(a\) \| \*\*1\.00.*\*\* \| 196 \|/)
  expect(turns.match(/\*\*/g)).toHaveLength(2)
  const oneAfterAnother = (await table(pair({}, {}))).stdout
  expect(oneAfterAnother).not.toContain('**')
  expect(oneAfterAnother).toContain('No best is marked because the variants did not take turns')
  const hidden = { ...PUBLIC, input: 'hidden' as const }
  const unlike = (await table(pair({ side: 'a' }, { side: 'b', security: hidden }))).stdout
  expect(unlike).not.toContain('**')
  expect(unlike).toContain('prove different things')
  const undeclared = (await table(pair({ side: 'a', security: null }, { side: 'b', security: null }))).stdout
  expect(undeclared).not.toContain('**')
})

test('LaTeX with booktabs, chosen columns and a file', async () => {
  const dir = await temporaryFolder()
  const out = join(dir, 'out/table.tex')
  const { exitCode } = await table(
    proves(),
    '--format',
    'latex',
    '--columns',
    'proof_size_bytes,time_s@prove',
    '-o',
    out,
  )
  expect(exitCode).toBe(0)
  const text = readFileSync(out, 'utf8')
  expect(text).toMatch(
    /\\begin\{tabular\}\{llrr\}\n *\\toprule\n *point & prover & proof \(bytes\) & prove \(s\) \\\\/,
  )
  expect(text).toMatch(/\\caption\{n = 10, one run\..*95 \\% interval/)
  const { stderr, exitCode: refused } = await table(proves(), '--columns', 'time_s@prov')
  expect(refused).toBe(2)
  expect(stderr).toContain('did you mean time_s@prove?')
})

test('texts of strangers are text in every format', async () => {
  const evil = String.raw`\input{/etc/passwd} | <b> @all *x* _y_ $z$ #1 &a; ^%~"` + '\n=HYPERLINK("http://x")'
  const rows = proves({ prover: { name: `=${evil}`, version: evil }, with: { point: evil } })
  const latex = (await table(rows, '--format', 'latex')).stdout
  expect(latex).toContain(
    String.raw`\textbackslash{}input\{/etc/passwd\} \textbar{} \textless{}b\textgreater{}`,
  )
  expect(latex).not.toMatch(/(?<!\\)[$#_]|\\input/)
  const markdown = (await table(rows)).stdout
  expect(markdown.split('\n')[2]!.match(/\|/g)).toHaveLength(5)
  expect(markdown).not.toMatch(/<b>|\*x\*|@all/)
  const csv = (await table(rows, '--format', 'csv')).stdout
  expect(csv).toContain(`"'=\\input{/etc/passwd}`)
})

test('published figures are named as such, have no n and are no best', async () => {
  const reported = { source: 'a paper', machine: 'Apple M3' }
  const [peer] = proves({
    prover: { name: 'peer' },
    n: 1,
    from: 0.1,
    with: { run_id: null, reported, status: null },
  })
  const { stdout } = await table([peer!, ...proves()], '--run', 'all')
  expect(stdout).toMatch(/\| p1 \(reported: a paper, on Apple M3\) \| peer \| .*— \| .*0\.100 \|/)
  expect(stdout).toContain('n = 10, one run. Reported figures were published by others')
  expect(stdout).not.toContain('**')
})

test('nothing to show ends with 2', async () => {
  for (const rows of [[], proves({ with: { status: 'failed', return_code: 1 } })]) {
    const { stderr, exitCode } = await table(rows)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('NO_ROWS')])
  }
})
