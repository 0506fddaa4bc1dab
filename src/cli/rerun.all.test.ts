import { existsSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { CLI } from '../../fixtures/gate-command.ts'
import { configOf, makeProject, readResults, trackOf } from '../../fixtures/make-project.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

/** A project with the depth track, and a command that runs in it. */
async function makeDepthProject() {
  const dir = await makeProject({
    'vitest.config.ts': configOf('{}'),
    'bench/depth.bench.ts': trackOf('depth'),
  })
  const env = { NO_COLOR: '1', PROVEMARK_LOCK: 'off', PROVEMARK_ASCII: '0', GITHUB_ACTIONS: '' }
  const options = { cwd: dir, env, all: true, reject: false, stdin: 'ignore' } as const
  return {
    dir,
    bench: (...flags: string[]) => execa('npx', ['vitest', 'bench', '--', ...flags], options),
    rerun: (...args: string[]) => execa(process.execPath, [CLI, 'rerun', ...args], options),
  }
}

test('a run is repeated from its rows: the same points, settings and iterations, and every difference by name', async () => {
  const { dir, bench, rerun } = await makeDepthProject()
  const prover = ['--prover', 'gnark,scale_bits=10', '--seed', '7']
  await bench(...TINY, ...prover, '--iterations', 'compile=1,prove=2', '--results', 'rows.jsonl')
  const then = await readResults(dir, 'rows.jsonl')
  expect(then[0]).toMatchObject({
    provemark: packageJson.version,
    made_of: {
      model: 'generated',
      input: 'generated',
      input_values: 'uniform',
      seed: 7,
      track: { input_hw: 8 },
    },
  })
  const { all, exitCode } = await rerun('rows.jsonl', '-o', 'again.jsonl')
  const now = await readResults(dir, 'again.jsonl')
  const facts = (rows: typeof now) =>
    rows.map(({ point, phase, iteration, settings, circuit_sha256 }) => ({
      point,
      phase,
      iteration,
      settings,
      circuit_sha256,
    }))
  expect(facts(now)).toEqual(facts(then))
  expect(all).toContain('same provemark, prover, model, input, circuit, settings and machine')
  expect(exitCode).toBe(0)

  const other = then.map((row) => ({
    ...row,
    provemark: '0.0.9',
    machine: { ...row.machine, kernel: '1.2.3' },
  }))
  await writeFile(join(dir, 'other.jsonl'), other.map((row) => JSON.stringify(row)).join('\n'))
  const differing = await rerun('other.jsonl', '-o', 'third.jsonl')
  expect(differing.all).toContain(`different  provemark: 0.0.9 then, ${packageJson.version} now`)
  expect(differing.all).toContain('different  kernel: 1.2.3 then')
})

test('a hostile file: its commands, launchers, modules and paths are shown, and nothing of it runs', async () => {
  const { dir, rerun } = await makeDepthProject()
  const bait = join(dir, 'pwned')
  const evil = join(dir, 'evil.mjs')
  await writeFile(
    evil,
    `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(bait)}, '')\n`,
  )
  const row = {
    phase: 'prove',
    track: 'depth',
    point: 'depth_d1',
    iteration: 1e9,
    status: 'ok',
    time_s: 1,
    run_id: 'x',
    cmd: ['touch', bait],
    prover: { name: 'gnark' },
    settings: {
      scale_bits: 10,
      bin: evil,
      ref: 'HEAD',
      launcher: ['touch', bait],
      threads: '2,bin=/bin/sh',
      page_cache: { toString: 1 },
    },
    made_of: {
      model: 'generated',
      input: 'generated',
      input_values: 'uniform',
      seed: 1,
      track: {
        launcher: `touch ${bait}`,
        prover: 'evil.mjs',
        no_controls: 'true',
        undecided: 'warn',
        budget: 'mem_mb',
        gate_json: 'pwned',
        sweep: 'lenet',
        resume: true,
        depth_max: '--launcher',
        model: ['/etc/passwd'],
        workload: 'Makefile',
        input: ['evil', 'pwned'],
        weights: 'evil.mjs',
        folder: '..',
        fc_hidden: { toString: 1 },
        report: bait,
        input_hw: 8,
      },
    },
  }
  const lines = [row, { ...row, prover: { name: evil } }, { ...row, prover: { name: '\u001b[2J$(touch x)' } }]
  await writeFile(join(dir, 'rows.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
  const { all } = await rerun('rows.jsonl', '-o', 'again.jsonl', '--dry-run')
  const command = all.split('\n').find((line) => line.startsWith('npx vitest bench'))!
  expect(command).toMatch(
    /^npx vitest bench -- --sweep depth --points depth_d1 --iterations prove=1000 --results again\.jsonl --run-id rerun-[0-9a-f-]+ --seed 1 --input-values uniform --prover gnark,scale_bits=10 --input-hw 8$/,
  )
  const notTaken = ['launcher', 'setting bin', 'setting threads', 'setting page_cache', `prover ${evil}`]
  const params = Object.keys(row.made_of.track).filter((name) => name !== 'input_hw')
  for (const named of [...notTaken, ...params.map((name) => `parameter ${name}`)]) {
    expect(all).toContain(`not taken from the file: ${named}`)
  }
  expect(all).not.toContain('\u001b')
  await rerun('rows.jsonl', '-o', 'again.jsonl')
  expect(existsSync(bait)).toBe(false)

  for (const bad of [{ point: '--launcher=touch' }, { point: 'a,b' }, { track: '../x' }, { point: 'x\ny' }]) {
    await writeFile(join(dir, 'bad.jsonl'), JSON.stringify({ ...row, ...bad }))
    const refused = await rerun('bad.jsonl')
    expect(refused.all).toContain('ROWS_UNREADABLE')
    expect(refused.exitCode).toBe(2)
  }
  await appendFile(join(dir, 'empty.jsonl'), '')
  expect((await rerun('empty.jsonl')).all).toContain('NO_ROWS')
  expect(await readFile(evil, 'utf8')).toContain('writeFileSync')
})
