import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../../fixtures/run-bench.ts'
import { certifyHere } from './certify-here.ts'
import { renderCertificate } from './render.ts'

// Every phase is a process, on machines that are busy with other work.
vi.setConfig({ testTimeout: 120_000 })

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url))

test('a fixture prover is tried against itself, without a change and slowed down', async () => {
  // Too few iterations to detect a slower time, but enough to test the counting.
  const plan = { n: 2, cpuMs: 1, slowdowns: [1] }
  const progress: string[] = []
  const real = await certifyHere({
    runs: 1,
    plan,
    signal: new AbortController().signal,
    onProgress: (line) => progress.push(line),
  })
  expect(progress).toHaveLength(2)
  // Times and peaks of four phases.
  expect(real).toMatchObject({ n: 2, tests: 8 })
  expect(real.outcomes).toMatchObject([
    { slowdown: 0, runs: 1, falseAlarms: 0, slowed: 0, countersFound: 0 },
    { slowdown: 1, runs: 1, falseAlarms: 0, slowed: 4, found: 0, countersFound: 1 },
  ])
  expect(real.claims).toHaveLength(3)
  const text = renderCertificate({ outcomes: [], claims: [] }, real)
  expect(text).toMatch(/^\| none +\| \+5% +\| 0 of 1 /m)
  expect(text).toMatch(/^\| \+100 % +\| \+5% +\| 0 of 1 +\| 0 of 4 +\| 0 of \d +\| 1 of 1 /m)
  expect(text).toMatch(/^- holds: its counter that grew by 1 is found always$/m)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the self-test with %i and leaves no file behind', async (signal, exitCode) => {
  const dir = await temporaryFolder()
  const run = execa(
    process.execPath,
    [CLI, 'gate', '--self-test', '--runs', '1', '--real-runs', '1', '--no-lock'],
    { reject: false, env: { TMPDIR: dir } },
  )
  let told = ''
  run.stderr.on('data', (chunk: Buffer) => {
    told += String(chunk)
    if (told.includes('fixture prover: run 1')) run.kill(signal)
  })
  const ended = await run
  expect([ended.exitCode, ended.stdout]).toEqual([exitCode, ''])
  expect(readdirSync(dir).filter((name) => name.includes('self-test'))).toEqual([])
})
