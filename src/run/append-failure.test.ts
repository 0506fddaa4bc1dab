import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'

const TOY = './fixtures/provers/toy.ts'
const FLAGS = [
  '--prover',
  TOY,
  '--depth-max',
  '2',
  '--input-hw',
  '8',
  '--conv-out-ch',
  '2',
  '--fc-hidden',
  '4',
]

test('a full disk ends the run with 2, prints the row, and starts no other point', async () => {
  const dir = await temporaryFolder()
  const { exitCode, output } = await runBench(dir, ['depth'], [...FLAGS, '--results', '/dev/full'])
  expect(output).toContain('FILE_UNWRITABLE: cannot append a row to /dev/full')
  expect(output).toContain('ENOSPC')
  const line = output.split('\n').find((text) => text.startsWith('{"timestamp"'))
  expect(JSON.parse(line!)).toMatchObject({ phase: 'compile', status: 'ok', point: 'depth_d1_c1_p1_f1_r2' })
  expect(output.match(/the run ends here/g)).toHaveLength(1)
  expect(output).not.toContain('"point":"depth_d2_c2_p2_f1_r3"')
  expect(exitCode).toBe(2)
})

test('a results file that cannot be made is refused before anything runs', async () => {
  const dir = await temporaryFolder()
  await writeFile(join(dir, 'in-the-way'), '')
  const results = join(dir, 'in-the-way', 'rows.jsonl')
  const journal = join(dir, 'journal')
  const flags = [...FLAGS, '--prover', `${TOY},journal=${journal}`, '--results', results]
  const { exitCode, output } = await runBench(dir, ['depth'], flags)
  expect(output).toContain(`cannot append a row to ${results}`)
  expect(output).toContain('FILE_UNWRITABLE')
  expect(existsSync(journal)).toBe(false)
  expect(exitCode).toBe(2)
})

test('a results file that goes while the run lasts ends it: its rows are printed', async () => {
  const dir = await temporaryFolder()
  const rows = join(dir, 'deep', 'rows.jsonl')
  await mkdir(join(dir, 'real'))
  await symlink('real', join(dir, 'deep'))
  await writeFile(join(dir, 'a-file'), '')
  await symlink('a-file', join(dir, 'in-the-way'))
  const run = startBench(dir, ['depth'], [...FLAGS, '--prover', `${TOY},sleep_ms=300`, '--results', rows])
  while (!existsSync(rows)) await sleep(20)
  // Atomic: a row arriving in between would find no folder and create it again.
  await rename(join(dir, 'in-the-way'), join(dir, 'deep'))
  const { exitCode, all } = await run
  expect(String(all)).toContain(`FILE_UNWRITABLE: cannot append a row to ${rows}`)
  expect(String(all)).toMatch(/a row that is in no file:\n\{"timestamp"/)
  expect(exitCode).toBe(2)
})

test('a torn line of a killed run is mended by the next run, which says so', async () => {
  const dir = await temporaryFolder()
  await appendFile(join(dir, 'rows.jsonl'), '{"phase":"compile"}\n{"phase":"prove","time_s":1.')
  const flags = [...FLAGS, '--depth-max', '1', '--iterations', '1', '--fsync']
  const { exitCode, output, rows } = await runBench(dir, ['depth'], flags)
  expect(output).toContain('ended in the torn row of a run that was killed: its 28 bytes are in')
  expect(await readFile(join(dir, 'rows.jsonl.torn'), 'utf8')).toBe('{"phase":"prove","time_s":1.\n')
  expect(rows.map(({ phase }) => phase)).toEqual(['compile', 'compile', 'witness', 'prove', 'verify'])
  expect(exitCode).toBe(0)
})
