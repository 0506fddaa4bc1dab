import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { provemark } from '../../fixtures/gate-command.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'

const PAPER = `prover,model,phase,time_s,proof_size_bytes,machine,source
ezkl,nanogpt,prove,237,,,"A blog, 2024"
atlas,nanogpt,prove,14,1024,Apple M3,arXiv:1
atlas,nanogpt,prove,15,,Apple M3,arXiv:2
`
const measured = (extra: object) =>
  JSON.stringify({
    phase: 'prove',
    model: 'nanogpt.onnx',
    prover: { name: 'ezkl' },
    status: 'ok',
    time_s: 5,
    ...extra,
  })

async function importTable(text: string, ...flags: string[]) {
  const dir = await temporaryFolder()
  await writeFile(join(dir, 'paper.csv'), text)
  const run = (...args: string[]) => provemark(args, {}, dir)
  const imported = await run('import', 'paper.csv', '-o', 'peer.jsonl', ...flags)
  return { dir, run, ...imported }
}

test('published figures stand beside measured ones, with source and machine, and are never pooled', async () => {
  const { dir, run, exitCode } = await importTable(PAPER)
  expect(exitCode).toBe(0)
  await writeFile(join(dir, 'own.jsonl'), `${measured({ iteration: 1 })}\n${measured({ iteration: 2 })}\n`)
  const { stdout } = await run('summary', 'own.jsonl', 'peer.jsonl', '--json')
  const { points } = JSON.parse(stdout) as {
    points: { point: string; phases: { ok: number; time_s: { median: number } }[]; reported: object | null }[]
  }
  expect(points.map(({ point, phases: [phase] }) => [point, phase!.ok, phase!.time_s.median])).toEqual([
    ['nanogpt', 2, 5],
    ['nanogpt (reported: A blog, 2024, on an unknown machine)', 1, 237],
    ['nanogpt (reported: arXiv:1, on Apple M3)', 1, 14],
    ['nanogpt (reported: arXiv:2, on Apple M3)', 1, 15],
  ])
  expect(points.map(({ reported }) => reported !== null)).toEqual([false, true, true, true])
  const card = (await run('summary', 'peer.jsonl')).stdout
  expect(card).toContain('published by others, not measured here')
  await run('report', 'own.jsonl', 'peer.jsonl', '-o', 'page.html')
  const page = await readFile(join(dir, 'page.html'), 'utf8')
  expect(page).toContain('nanogpt (reported: arXiv:1, on Apple M3)')
})

test('a published figure is no baseline, and is not judged', async () => {
  const { dir, run } = await importTable(PAPER)
  const row = measured({ time_source: 'wall', run_id: 'a', iteration: 1 })
  await writeFile(join(dir, 'both.jsonl'), `${row}\n${await readFile(join(dir, 'peer.jsonl'), 'utf8')}`)
  const gate = await run('gate', 'both.jsonl', '--budget', 'time_s=10', '--run', 'all')
  expect(gate.stdout).not.toContain('reported')
  expect(gate.exitCode).toBe(0)
  expect((await run('gate', 'peer.jsonl', '--budget', 'time_s=1000')).exitCode).toBe(2)
  expect((await run('baseline', 'update', 'peer.jsonl', '-o', 'base.jsonl')).exitCode).toBe(2)
})

test('columns may be missing, and be separated by semicolons; flags fill in for a whole table', async () => {
  const flags = ['--phase', 'verify', '--source', 'their README', '--machine', 'a laptop']
  const { dir, stdout } = await importTable('\uFEFFmodel;time_s\r\nmlp;0.5\r\n', ...flags)
  expect(stdout).toContain('verify of an unknown prover: mlp (reported: their README, on a laptop)')
  expect(JSON.parse(await readFile(join(dir, 'peer.jsonl'), 'utf8'))).toEqual({
    schema: 1,
    phase: 'verify',
    model: 'mlp',
    time_s: 0.5,
    reported: { source: 'their README', machine: 'a laptop' },
  })
})

test('everything that is wrong with a table is said at once, with its line, and nothing is written', async () => {
  const { run, stderr, exitCode } = await importTable(
    'prover,modle,phase,time_s\nezkl,a,prove,"237 s"\nezkl,a,proof,3\nezkl,a,prove,\n',
  )
  expect(stderr).toContain('column "modle"')
  expect(stderr).toContain('did you mean model?')
  expect(stderr).toContain(
    'line 2, time_s: expected a number such as 237 or 0.26, without a unit, given "237 s"',
  )
  expect(stderr).not.toContain('line 2, time_s, mem_mb')
  expect(stderr).toContain('line 3, phase: expected compile, witness, prove, verify')
  expect(stderr).toContain('line 4, time_s, mem_mb, proof_size_bytes: expected at least one figure')
  expect(exitCode).toBe(2)
  expect((await run('summary', 'peer.jsonl')).stderr).toContain('ROWS_UNREADABLE')
  const twice = await importTable('prover,phase,time_s\nezkl,prove,1\nezkl,prove,2\n')
  expect(twice.stderr).toContain('the same prover, model, phase, machine and source as line 2')
})

test('a row made by hand without a status is named, and is no failure', async () => {
  const { dir, run } = await importTable(PAPER)
  await writeFile(join(dir, 'hand.jsonl'), `${measured({})}\n{"model":"x","phase":"prove","time_s":3}\n`)
  const { stdout, stderr, exitCode } = await run('summary', 'hand.jsonl')
  expect(stderr).toMatch(
    /^hand\.jsonl:2: ROWS_UNREADABLE: a row with figures has neither status nor return_code/m,
  )
  expect(stdout).not.toContain('failed')
  expect(exitCode).toBe(0)
})
