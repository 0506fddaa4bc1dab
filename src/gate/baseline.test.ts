import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { makeGateRows, writeRows } from '../../fixtures/gate-rows.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { makeBaselineRows } from '../../fixtures/collect-rows.ts'
import { updateBaseline } from './baseline-rows.ts'
import type { Row } from '../row/schema.ts'
import { readBaseline } from './baseline.ts'

const read = (root: string, baseline: string, exceptRuns: (string | null)[] = [], files: string[] = []) =>
  readBaseline({ baseline, root, exceptRuns: new Set(exceptRuns), files })

const samplesOf = async (...args: Parameters<typeof read>) =>
  (await read(...args)).map(({ point, phase, numbers }) => [point, phase, numbers.get('time_s')?.toArray()])

async function repository(): Promise<{ dir: string; git: (...args: string[]) => Promise<unknown> }> {
  const dir = await temporaryFolder()
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: dir })
  await git('init', '--quiet', '--initial-branch=main')
  return { dir, git }
}

test('a baseline is small and says the same as the rows it was made of', async () => {
  const dir = await temporaryFolder()
  const rows = makeGateRows()
  const [full, small] = [join(dir, 'full.jsonl'), join(dir, 'small.jsonl')]
  writeRows(full, rows)
  writeRows(small, makeBaselineRows(rows))
  expect(readFileSync(small).length).toBeLessThan(readFileSync(full).length / 5)
  const [before, after] = [await read(dir, full), await read(dir, small)]
  expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key))
  for (const [i, series] of after.entries()) {
    expect(series.settingsKey).toBe(before[i]!.settingsKey)
    expect([...series.conditions.keys()].toSorted()).toEqual([...before[i]!.conditions.keys()].toSorted())
    expect(series.numbers.get('time_s')).toHaveLength(10)
    for (const [j, value] of series.numbers.get('time_s')!.toArray().entries()) {
      expect(value).toBeCloseTo(before[i]!.numbers.get('time_s')!.toArray()[j]!, 4)
    }
  }
})

test('it is sorted and stable: rows in another order make the same file', () => {
  const rows = makeGateRows({ depths: [2, 10, 1] })
  const baseline = makeBaselineRows(rows)
  expect(baseline.map(({ point, phase }) => `${point} ${phase}`)).toEqual(
    ['depth_d1', 'depth_d2', 'depth_d10'].flatMap((point) =>
      ['compile', 'witness', 'prove', 'verify'].map((phase) => `${point} ${phase}`),
    ),
  )
  const byPhase = rows.toSorted((a, b) => a.phase.localeCompare(b.phase))
  expect(makeBaselineRows(byPhase)).toEqual(baseline)
})

test('a run is disturbed in a baseline if half of its iterations show it, however few can tell', () => {
  const shareOf = (telling: number) =>
    makeBaselineRows(
      makeGateRows({ depths: [1], n: 10 }).map((row, i) => ({
        ...row,
        disturbed: i % 10 < telling ? 0.4 : null,
      })),
    ).map(({ disturbed }) => disturbed)
  expect(new Set(shareOf(2))).toEqual(new Set([0]))
  expect(new Set(shareOf(8))).toEqual(new Set([0.4]))
  expect(new Set(shareOf(0))).toEqual(new Set([undefined]))
})

test('an update adds a run to what was measured again, replaces it where asked to, and keeps the rest', () => {
  const older = makeBaselineRows(makeGateRows({ depths: [1, 2] }))
  const newer = makeBaselineRows(makeGateRows({ run_id: 'b', depths: [2, 3], counters: { totalCost: 7 } }))
  const costs = (rows: Row[]) =>
    rows.filter(({ phase }) => phase === 'compile').map(({ point, ecc }) => [point, ecc!['totalCost']])
  const added = updateBaseline(older, newer)
  expect(costs(added)).toEqual([
    ['depth_d1', 2000],
    ['depth_d2', 2000],
    ['depth_d2', 7],
    ['depth_d3', 7],
  ])
  expect(updateBaseline(added, newer)).toEqual(added)
  expect(costs(updateBaseline(older, newer, { replace: true }))).toEqual([
    ['depth_d1', 2000],
    ['depth_d2', 7],
    ['depth_d3', 7],
  ])
})

test('of 25 runs the last 20 stay, one line each, and an update touches no other line', async () => {
  const dir = await temporaryFolder()
  const run = (i: number) => makeBaselineRows(makeGateRows({ run_id: `run-${i}`, seed: i + 1, depths: [1] }))
  let rows: Row[] = []
  for (let i = 0; i < 25; i++) {
    const before = new Set(rows.map((row) => JSON.stringify(row)))
    rows = updateBaseline(rows, run(i))
    expect(rows.filter((row) => !before.has(JSON.stringify(row)))).toHaveLength(4)
  }
  expect(rows).toHaveLength(80)
  writeRows(join(dir, 'base.jsonl'), rows)
  const prove = (await read(dir, 'base.jsonl')).filter(({ phase }) => phase === 'prove')
  expect(prove.map((series) => series.run)).toEqual(Array.from({ length: 20 }, (_, i) => `run-${i + 5}`))
})

test('two branches that each added a run are refused after a merge, in either order', async () => {
  const dir = await temporaryFolder()
  const run = (run_id: string) => makeBaselineRows(makeGateRows({ run_id, depths: [1] }))
  const main = run('main')
  const branches = [updateBaseline(main, run('a')), updateBaseline(main, run('b'))]
  for (const [first, second] of [branches, branches.toReversed()]) {
    const added = second!.filter(({ after_run }) => after_run != null)
    const merged = first!.flatMap((row) =>
      row.after_run == null ? [row] : [row, added.find(({ phase }) => phase === row.phase)!],
    )
    const file = join(dir, `${first!.at(-1)!.run_id}.jsonl`)
    writeRows(file, merged)
    await expect(read(dir, file)).rejects.toMatchObject({
      code: 'ROWS_CONFLICT',
      message: expect.stringContaining('two histories'),
    })
  }
})

test('another setting of the same prover stays as well', () => {
  const at = (scale_bits: number, seed: number) =>
    makeBaselineRows(makeGateRows({ depths: [1], seed, with: { settings: { scale_bits } } }))
  const updated = updateBaseline([...at(10, 1), ...at(12, 2)], at(12, 3), { replace: true })
  expect(updated).toEqual([...at(10, 1), ...at(12, 3)])
})

test('of a results file the last other run counts, for each point the last that measured it', async () => {
  const dir = await temporaryFolder()
  const file = join(dir, 'rows.jsonl')
  writeRows(file, makeGateRows({ run_id: 'first', n: 1, depths: [1, 2], slower: { prove: 5 } }))
  writeRows(file, makeGateRows({ run_id: 'second', n: 1, depths: [1] }))
  writeRows(file, makeGateRows({ run_id: 'now', n: 1, depths: [1, 2], slower: { prove: 9 } }))
  const prove = (await samplesOf(dir, file, ['now'])).filter(([, phase]) => phase === 'prove')
  expect(prove.map(([point, , times]) => [point, Math.round((times as number[])[0]! / 4)])).toEqual([
    ['depth_d1', 1],
    ['depth_d2', 5],
  ])
  await expect(read(dir, file, ['first', 'second', 'now'])).rejects.toMatchObject({
    code: 'BASELINE_MISSING',
    message: `the baseline ${file} holds no run other than the one to judge`,
  })
})

test('rows without a run id are one run: the same file is no baseline of its own', async () => {
  const dir = await temporaryFolder()
  const bare = makeGateRows({ n: 1, with: { run_id: null } })
  const [file, copy] = [writeRows(join(dir, 'a.jsonl'), bare), writeRows(join(dir, 'b.jsonl'), bare)]
  await expect(read(dir, file, [null], [file])).rejects.toMatchObject({ code: 'BASELINE_MISSING' })
  expect(await read(dir, copy, [null], [file])).toHaveLength(8)
})

test('git:REF[:PATH] reads what a commit holds, and leaves the work tree alone', async () => {
  const { dir, git } = await repository()
  writeRows(join(dir, 'bench/baseline.jsonl'), makeBaselineRows(makeGateRows({ n: 3 })))
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'baseline')
  await git('tag', 'v1')
  const committed = await samplesOf(dir, 'bench/baseline.jsonl')
  writeFileSync(join(dir, 'bench/baseline.jsonl'), '')
  expect(await samplesOf(dir, 'git:main')).toEqual(committed)
  expect(await samplesOf(dir, 'git:v1:bench/baseline.jsonl')).toEqual(committed)
  expect(await samplesOf(join(dir, 'bench'), 'git:v1:baseline.jsonl')).toEqual(committed)
  expect(readFileSync(join(dir, 'bench/baseline.jsonl'), 'utf8')).toBe('')
})

test('each way in which git has no baseline has its own message', async () => {
  const { dir, git } = await repository()
  await git('commit', '--quiet', '--allow-empty', '-m', 'nothing')
  const refused = (baseline: string, root = dir) =>
    read(root, baseline).then(
      () => 'read',
      (error: Error) => error.message,
    )
  expect(await refused('git:main')).toBe('there is no bench/baseline.jsonl in main')
  expect(await refused('git:no-such')).toBe('git has no commit no-such')
  expect(await refused('git:main', await temporaryFolder())).toBe('this folder is in no git repository')
  expect(await refused('git:--output=x')).toMatch(/expected git:REF\[:PATH\]/)
  expect(await refused('none.jsonl')).toBe('there is no baseline none.jsonl')
})
