import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { formatRow } from '../row/write.ts'
import { chooseRunId } from './shard.ts'

const TOY = ['--prover', './fixtures/provers/toy.ts', '--iterations', '1']
const SMALL = ['--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

const text = async (run: ReturnType<typeof startBench>) => {
  const { exitCode, all } = await run
  return { exitCode, output: String(all) }
}

test('shards split points; merged reports give the card, the rows and the exit code of the whole', async () => {
  const dir = await temporaryFolder()
  const blobs = join(dir, 'blobs')
  // The second shard's point fails, and the failure must show in the merged run.
  const flags = (i: number) => [
    ...TOY.slice(2),
    ...SMALL,
    '--run-id',
    'night-7',
    '--prover',
    `${TOY[1]}${i === 2 ? ',fail=prove' : ''}`,
  ]
  const points: string[][] = []
  const exits: (number | undefined)[] = []
  for (const i of [1, 2, 3, 4]) {
    const before = (await readRowsOf(dir)).length
    // Vitest's own flag for some, provemark's for the others.
    const own = i % 2 ? [`--shard=${i}/4`] : []
    const ours = i % 2 ? [] : ['--shard', `${i}/4`]
    const args = [
      'depth',
      ...own,
      '--reporter=default',
      '--reporter=blob',
      `--outputFile.blob=${join(blobs, `${i}.json`)}`,
    ]
    const { exitCode, output } = await text(startBench(dir, args, [...flags(i), ...ours]))
    exits.push(exitCode)
    points.push([...new Set((await readRowsOf(dir)).slice(before).map(({ point }) => point!))])
    expect(output).toContain(`shard ${i}/4: ${i === 4 ? 0 : 1} of 3 points, run night-7`)
    expect(output.includes('shard 4/4 has no points')).toBe(i === 4)
  }
  expect(exits).toEqual([0, 1, 0, 0])
  expect(points.flat().toSorted()).toEqual([
    'depth_d1_c1_p1_f1_r2',
    'depth_d2_c2_p2_f1_r3',
    'depth_d3_c3_p2_f1_r4',
  ])
  expect(points[3]).toEqual([])
  const rows = await readRowsOf(dir)
  expect(new Set(rows.map(({ run_id }) => run_id))).toEqual(new Set(['night-7']))

  const json = join(dir, 'merged.json')
  const merge = [
    `--merge-reports=${blobs}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${json}`,
  ]
  const whole = await text(startBench(dir, merge, [...TOY, ...SMALL]))
  expect(whole.exitCode).toBe(1)
  expect(whole.output).toContain('run night-7 · 3 points · 10 rows ok')
  const report = JSON.parse(await readFile(json, 'utf8'))
  expect([report.numTotalTests, report.numFailedTests]).toEqual([12, 1])
  // The shards ran in this folder, so their rows are already there.
  expect(await readRowsOf(dir)).toEqual(rows)

  const other = await temporaryFolder()
  await text(startBench(other, merge, [...TOY, ...SMALL]))
  expect(await readRowsOf(other)).toEqual(expect.arrayContaining(rows))
  expect(await readRowsOf(other)).toHaveLength(rows.length)
})

test('a shard whose report is missing is named, and the whole does not pass', async () => {
  const dir = await temporaryFolder()
  const args = ['depth', '--shard=1/2', '--reporter=blob', `--outputFile.blob=${join(dir, 'blobs/1.json')}`]
  expect((await startBench(dir, args, [...TOY, ...SMALL])).exitCode).toBe(0)
  const whole = await text(startBench(dir, [`--merge-reports=${join(dir, 'blobs')}`], [...TOY, ...SMALL]))
  expect(whole.output).toContain('no row of shard 2/2')
  expect(whole.exitCode).toBe(2)
})

test('two different shards, or one that cannot be, end with 2 before anything runs', async () => {
  const dir = await temporaryFolder()
  const two = await text(startBench(dir, ['depth', '--shard=1/2'], [...TOY, ...SMALL, '--shard', '2/2']))
  expect(two.output).toContain('--shard behind --: expected the shard that Vitest was given, 1/2, given 2/2')
  expect(two.exitCode).toBe(2)
  const none = await text(startBench(dir, ['depth'], [...TOY, ...SMALL, '--shard', '3/2']))
  expect(none.output).toContain('--shard: expected INDEX/COUNT such as 2/4, INDEX at most COUNT, given "3/2"')
  expect(none.exitCode).toBe(2)
  expect(await readRowsOf(dir)).toEqual([])
})

test('the gate judges the whole, not its shards', async () => {
  const dir = await temporaryFolder()
  const flags = [...TOY, ...SMALL, '--depth-max', '2', '--run-id', 'r', '--budget', 'ecc.totalCost=100']
  for (const i of [1, 2]) {
    const blob = ['--reporter=blob', `--outputFile.blob=${join(dir, `blobs/${i}.json`)}`]
    const shard = await text(startBench(dir, ['depth', `--shard=${i}/2`, ...blob], flags))
    expect(shard.output).toContain('gate: it judges the whole run, when the shards are merged')
    expect(shard.exitCode).toBe(0)
  }
  const whole = await text(startBench(dir, [`--merge-reports=${join(dir, 'blobs')}`], flags))
  expect(whole.output).toMatch(/gate: 2 regression/)
  expect(whole.exitCode).toBe(1)
})

test('times of earlier runs balance the shards, those of the run itself do not', async () => {
  const dir = await temporaryFolder()
  await startBench(dir, ['depth'], [...TOY, ...SMALL])
  const rows = (await readRowsOf(dir)).map((row) => ({
    ...row,
    run_id: 'night-1',
    time_s: row.point?.startsWith('depth_d1') ? 100 : 1,
  }))
  await writeFile(join(dir, 'rows.jsonl'), rows.map((row) => formatRow(row)).join(''))
  const pointsOf = async (run: string) => {
    const flags = [...TOY, ...SMALL, '--shard', '1/2', '--dry-run', '--run-id', run]
    return (await text(startBench(dir, ['depth'], flags))).output.match(/depth_d\d/g)
  }
  // By its work, depth 3 is the most expensive of these.
  expect(await pointsOf('night-2')).toEqual(['depth_d1'])
  expect(await pointsOf('night-1')).toEqual(['depth_d3'])
})

test('shards of one CI run share an id, whole runs in it do not', () => {
  const env = { GITHUB_RUN_ID: '99', GITHUB_RUN_ATTEMPT: '2' }
  const choose = (sharded: boolean, commit: string, given?: string, own: Record<string, string> = env) =>
    chooseRunId({ given, sharded, identity: { points: 3 }, commit, env: own })
  expect(choose(true, 'a')).toEqual(choose(true, 'a'))
  expect(choose(true, 'a').id).toMatch(/^github-99-[0-9a-f]{8}$/)
  expect(choose(true, 'a').id).not.toBe(choose(true, 'b').id)
  expect(choose(false, 'a').id).not.toBe(choose(false, 'a').id)
  expect(choose(false, 'a', 'mine')).toEqual({ id: 'mine', shared: true })
  // The tasks of an array are one run, whatever is committed while they wait.
  const array = { SLURM_ARRAY_JOB_ID: '7' }
  expect(choose(true, 'a', undefined, array)).toEqual(choose(true, 'b', undefined, array))
  expect(choose(true, 'a', undefined, {}).shared).toBe(false)
})
