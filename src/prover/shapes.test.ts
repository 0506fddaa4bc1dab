import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import {
  configOf,
  makeProject,
  readResults,
  runVitest,
  TOY,
  trackOf,
  writeFiles,
} from '../../fixtures/make-project.ts'
import type { Row } from '../row/schema.ts'

const CLI = join(import.meta.dirname, '../cli.ts')

const LONG = { timeout: 120_000 }

const TINY = '{ depth: { depth_max: 1, input_hw: 8, conv_out_ch: 2, fc_hidden: 4 } }'
const SETTINGS = `{ provers: ['./prover.ts'], iterations: 2, tracks: ${TINY} }`

test('a phase that a prover lacks has no row, no figure and no column', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(SETTINGS),
    'depth.bench.ts': trackOf('depth'),
    'prover.ts': `import { commandProver } from 'provemark/prover'
export default commandProver({
  name: 'two',
  version: '1.0',
  phases: {
    prove: {
      cmd: ['node', '-e', "require('fs').writeFileSync(process.argv[2], 'x'); console.log('gates=5')", '{model}', '{proof}'],
      artifacts: { proof: { file: 'proof.bin' } },
    },
    verify: { cmd: ['node', '-e', "process.exit(Number(require('fs').readFileSync(process.argv[1], 'utf8') !== 'x'))", '{proof}'] },
  },
  counters: ['gates'],
  totalCost: 'gates',
})
`,
  })
  const dry = await runVitest(dir, 'bench', '--', '--dry-run')
  expect(dry.output).toContain('iterations: prove 2, verify 2\n')
  const { exitCode, output } = await runVitest(dir, 'bench')
  const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  expect(rows.map(({ phase, iteration, status }) => `${phase} ${iteration} ${status}`)).toEqual([
    'prove 1 ok',
    'prove 2 ok',
    'verify 1 ok',
    'verify 2 ok',
  ])
  // The first phase reports the counters.
  const counters = { gates: 5, totalCost: 5 }
  expect(rows.map(({ ecc }) => ecc)).toEqual([counters, counters, {}, {}])
  expect(rows.flatMap(({ warnings }) => warnings ?? [])).toEqual([])
  expect(output).toContain('prove (s)')
  expect(output).not.toMatch(/compile|witness/)
  expect(exitCode).toBe(0)
})

test('a row tells what outlived its process and was ended', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(`{ iterations: 1, tracks: ${TINY} }`),
    'depth.bench.ts': trackOf('depth'),
    'prover.ts': `import { commandProver } from 'provemark/prover'
export default commandProver({
  name: 'leaves',
  version: '1.0',
  phases: { prove: { cmd: ['sh', '-c', 'sleep 600 & true'] } },
})
`,
  })
  await runVitest(dir, 'bench', '--', '--prover', './prover.ts')
  const [prove] = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  expect(prove).toMatchObject({
    status: 'ok',
    warnings: [expect.stringMatching(/^1 process outlived .*sh and had/)],
  })
})

const CIRCUITS = `import { commandProver } from 'provemark/prover'
const write = "require('fs').writeFileSync(process.argv.at(-1), process.argv.slice(1, -1).join('|'))"
export default commandProver({
  name: 'circuits',
  version: '1.0',
  phases: {
    compile: { cmd: ['node', '-e', write, '{workload}', '{circuit}'], artifacts: { circuit: { file: 'circuit.bin' } } },
    prove: { cmd: ['node', '-e', write, '{circuit}', '{input}', '{proof}'], artifacts: { proof: { file: 'proof.bin' } } },
  },
})
`

test('a workload may be any file: only ONNX models are read, counted and compared', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(
      `{ provers: ['./prover.ts'], iterations: 1, controls: true, tracks: { workloads: { workload: ['circuits/*.circom'], input: ['in.json'] } } }`,
    ),
    'workloads.bench.ts': trackOf('workloads'),
    'prover.ts': CIRCUITS,
    'circuits/dense8.circom': 'template Dense() {}',
    'circuits/dense16.circom': 'template Dense() { }',
    'in.json': '{"in":[1,2]}',
  })
  const results = 'benchmarking/workloads.jsonl'
  const dry = await runVitest(dir, 'bench', '--', '--dry-run')
  expect(dry.output).toMatch(/workloads: 2 points.*\n {2}dense8\.circom .*\n {2}dense16\.circom /)
  const first = await runVitest(dir, 'bench', '--', '--shard', '1/2', '--run-id', 'r')
  const second = await runVitest(dir, 'bench', '--', '--shard', '2/2', '--run-id', 'r')
  expect([first.exitCode, second.exitCode]).toEqual([0, 0])
  const rows = await readResults(dir, results)
  expect(rows.map(({ point, phase, status }) => `${point} ${phase} ${status}`).toSorted()).toEqual([
    'dense16.circom compile ok',
    'dense16.circom prove ok',
    'dense8.circom compile ok',
    'dense8.circom prove ok',
  ])
  for (const row of rows) {
    expect(row).toMatchObject({ param_count: null, params: { workload: row.point } })
    expect(row.warnings ?? []).toEqual([])
    expect(row.model).toBe(join(dir, 'circuits', row.point!))
    expect(row.model_sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(row.input_sha256).toMatch(/^[0-9a-f]{64}$/)
  }
  const report = await execa('node', [CLI, 'report', results, '--out', 'report.html'], {
    cwd: dir,
    reject: false,
  })
  expect(report.exitCode).toBe(0)

  // Resumed, another file is another workload.
  await writeFiles(dir, { 'circuits/dense8.circom': 'template Other() {}' })
  const resumed = await runVitest(dir, 'bench', '--', '--resume', '--shard', '1/2', '--run-id', 'r')
  const other = await runVitest(dir, 'bench', '--', '--resume', '--shard', '2/2', '--run-id', 'r')
  expect(resumed.output + other.output).toMatch(
    /PLAN_CHANGED: run r was measured on other files\n.*dense8\.circom/,
  )

  // Against a baseline it is the same point, with a change of its file.
  await writeFiles(dir, { 'base.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') + '\n' })
  const judged = await runVitest(dir, 'bench', '--', '--baseline', 'base.jsonl', '--results', 'new.jsonl')
  expect(judged.output).toMatch(/model_sha256/)
  expect(judged.output).not.toMatch(/BASELINE_MISSING/)

  // A prover of ONNX models says that there is none.
  const foreign = await runVitest(dir, 'bench', '--', '--prover', TOY, '--results', 'toy.jsonl')
  expect((await readResults(dir, 'toy.jsonl'))[0]).toMatchObject({
    status: 'skipped',
    error: { code: 'MODEL_UNSUPPORTED', message: expect.stringContaining('reads the ONNX model of a point') },
  })
  expect(foreign.output).toContain('toy reads the ONNX model')
})

test('parameters alone are a workload, and commands name them', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(
      `{ provers: ['./prover.ts'], iterations: 1, tracks: { rows: { log_n: [4, 5] } } }`,
    ),
    'rows.bench.ts': `import { defineTrack } from 'provemark'
import { z } from 'zod'
defineTrack({
  name: 'rows',
  params: z.object({ log_n: z.array(z.number().int()).default([4]) }),
  points: ({ log_n }) => log_n.map((n) => ({ id: \`n\${n}\`, params: { log_n: n, label: 'a "b" $c;', none: null, list: [1, 2] } })),
})
`,
    'prover.ts': `import { commandProver } from 'provemark/prover'
const write = "require('fs').writeFileSync(process.argv.at(-1), JSON.stringify(process.argv.slice(1, -1)))"
export default commandProver({
  name: 'rows',
  version: '1.0',
  phases: {
    prove: {
      cmd: ['node', '-e', write, '--', '--log-n={params.log_n}', '{params.label}', '{params.none}', '{params.list}', '{proof}'],
      artifacts: { proof: { file: 'proof.bin' } },
    },
  },
})
`,
    'typo.ts': `import { commandProver } from 'provemark/prover'
export default commandProver({ name: 'typo', version: '1.0', phases: { prove: { cmd: ['node', '--version', '{params.logn}'] } } })
`,
  })
  const { exitCode, output } = await runVitest(dir, 'bench', '--', '--keep', 'all')
  const rows = await readResults(dir, 'benchmarking/rows.jsonl')
  expect(
    rows.map(({ point, status, model, model_sha256, input_sha256 }) => [
      point,
      status,
      model,
      model_sha256,
      input_sha256,
    ]),
  ).toEqual([
    ['n4', 'ok', null, null, null],
    ['n5', 'ok', null, null, null],
  ])
  expect(rows.map(({ params }) => params?.['log_n'])).toEqual([4, 5])
  const proof = JSON.parse(await readFile(join(rows[1]!.tmpdir!, 'proof.bin'), 'utf8'))
  expect(proof).toEqual(['--log-n=5', 'a "b" $c;', '[1,2]'])
  await rm(rows[1]!.tmpdir!, { recursive: true })
  expect(output).toContain('n5')
  expect(exitCode).toBe(0)

  const typo = await runVitest(dir, 'bench', '--', '--prover', './typo.ts')
  expect(typo.exitCode).toBe(2)
  expect(typo.output).toMatch(/\{params\.logn\} in the commands of the prover typo: .*did you mean log_n\?/s)
})

/** Its proof has ten bytes that count, and ten of padding; a first byte below 100 cannot be read. */
const PADDED = `import { commandProver } from 'provemark/prover'
const prove = "require('fs').writeFileSync(process.argv[1], Buffer.alloc(20, 200))"
const verify = "const b = require('fs').readFileSync(process.argv[1]); if (b[0] !== 200) { console.log('failed to deserialize'); process.exit(1) } process.exit(Number(b.subarray(0, 10).some((x) => x !== 200)))"
export default commandProver({
  name: 'padded',
  version: '1.0',
  security: { weights: 'hidden', input: 'public', output: 'public', zero_knowledge: false },
  phases: {
    prove: { cmd: ['node', '-e', prove, '{proof}'], artifacts: { proof: { file: 'proof.bin' } } },
    verify: { cmd: ['node', '-e', verify, '{proof}'] },
  },
})
`

test('without a declared forgery single bytes are changed: a remark, never a verdict', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(`{ iterations: 1, controls: true, tracks: ${TINY} }`),
    'depth.bench.ts': trackOf('depth'),
    'prover.ts': PADDED,
  })
  const flags = ['--prover', './prover.ts', '--prover', 'gnark']
  const { exitCode, output } = await runVitest(dir, 'bench', '--', ...flags)
  expect(exitCode).toBe(0)
  const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  const [verify, gnark] = rows.filter(({ phase }) => phase === 'verify')
  expect(verify).toMatchObject({
    status: 'ok',
    controls: { proof: 'not_applicable', output: 'not_applicable' },
    proof_changes: { rejected: 7, inconclusive: 1, accepted: 8 },
  })
  const remark =
    'verify accepted the proof with one byte changed, at offset 10, 11, 13, 14, 15, 16, 18, 19 of 20'
  expect(verify?.warnings).toEqual([expect.stringContaining(remark)])
  expect(gnark?.proof_changes).toBeUndefined()
  expect(gnark).toMatchObject({ controls: { proof: 'rejected', output: 'rejected' } })

  // What is proved stands beside the figures, and beside what is compared.
  expect(gnark?.security).toMatchObject({
    weights: 'fixed',
    input: 'hidden',
    output: 'public',
    zero_knowledge: true,
  })
  expect(verify?.security).toMatchObject({ scheme: 'unknown', weights: 'hidden', zero_knowledge: false })
  const summary = await execa('node', [CLI, 'summary', 'benchmarking/depth_sweep.jsonl'], { cwd: dir })
  expect(summary.stdout).toContain('proof changed at 16 places: 7 rejected, 1 inconclusive, 8 accepted')
  expect(summary.stdout).toMatch(/proves +weights hidden · input public · output public · no zero knowledge/)
  expect(output + summary.stdout).toContain(
    'they prove different things: weights hidden (padded), fixed (gnark)',
  )
  await execa('node', [CLI, 'report', 'benchmarking/depth_sweep.jsonl', '--out', 'report.html'], { cwd: dir })
  expect(await readFile(join(dir, 'report.html'), 'utf8')).toMatch(
    /input public \(padded\), hidden \(gnark\)/,
  )
})

const WARM = `import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineProver } from 'provemark/prover'
import { z } from 'zod'

const beganMs = performance.now()
await sleep(700)
const import_s = (performance.now() - beganMs) / 1000
let calls = 0
export default defineProver({
  name: 'warm',
  warm: true,
  options: z.object({ crash_at: z.number().default(0), hang_at: z.number().default(0) }),
  artifacts: { proof: { file: 'proof.txt', phase: 'prove' } },
  phases: {
    prove: async ({ files, settings }) => {
      calls++
      const calledMs = performance.now()
      const held = calls === 2 ? Buffer.alloc(200 * 2 ** 20, 1) : Buffer.alloc(1)
      if (settings.crash_at === calls) process.kill(process.pid, 'SIGKILL')
      if (settings.hang_at === calls) await sleep(60_000)
      await sleep(20)
      writeFileSync(files.proof, String(process.pid) + ' ' + calls + ' ' + held.length)
      return { extra: { calls, pid_of_prover: process.pid, import_s, call_s: (performance.now() - calledMs) / 1000 } }
    },
    verify: ({ files }) => readFileSync(files.proof, 'utf8').includes(String(process.pid)),
  },
  tamper: {},
})
`

test('warm functions are imported once and called in one process', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(`{ provers: ['./prover.ts'], iterations: 3, tracks: ${TINY} }`),
    'depth.bench.ts': trackOf('depth'),
    'prover.ts': WARM,
  })
  const { exitCode } = await runVitest(dir, 'bench')
  const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  expect(
    rows.map(({ phase, status, process: kind, settings }) => [phase, status, kind, settings?.['warm']]),
  ).toEqual(
    ['prove', 'prove', 'prove', 'verify', 'verify', 'verify'].map((phase) => [phase, 'ok', 'warm', true]),
  )
  expect(new Set(rows.slice(0, 3).map((row) => row['pid_of_prover'])).size).toBe(1)
  expect(rows.slice(0, 3).map((row) => row['calls'])).toEqual([1, 2, 3])
  // Imports are told apart, in the first row alone.
  expect(rows[0]!.time_s_load).toBeGreaterThan(Number(rows[0]!['import_s']))
  expect(rows.slice(1).filter(({ time_s_load }) => time_s_load != null)).toEqual([])
  for (const row of rows.slice(0, 3)) {
    expect(row.time_s).toBeGreaterThanOrEqual(Number(row['call_s']))
    expect(row.time_s).toBeLessThan(rows[0]!.time_s_load!)
    expect(row.time_s_rust).toBeCloseTo(row.time_s!, 6)
    expect(row).toMatchObject({ mem_source: 'hwm', mem_lower_bound: false })
  }
  // The peak is that of the call.
  const peaks = rows.slice(0, 3).map(({ mem_mb }) => mem_mb!)
  expect(peaks[1]! - peaks[0]!).toBeGreaterThan(150)
  expect(exitCode).toBe(0)
})

test('warm functions are called at once where they are asynchronous', LONG, async () => {
  const dir = await makeProject({
    'vitest.config.ts': configOf(
      `{ provers: ['./prover.ts'], iterations: { prove: 4, verify: 1 }, concurrency: 2, tracks: ${TINY} }`,
    ),
    'depth.bench.ts': trackOf('depth'),
    'prover.ts': `import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineProver } from 'provemark/prover'
let atWork = 0
export default defineProver({
  name: 'at-once',
  warm: true,
  artifacts: { proof: { file: 'proof.txt', phase: 'prove' } },
  phases: {
    prove: async ({ files }) => {
      const others = atWork++
      await sleep(300)
      atWork--
      writeFileSync(files.proof, 'proof')
      return { extra: { others } }
    },
    verify: () => true,
  },
  tamper: {},
})
`,
  })
  const { output } = await runVitest(dir, 'bench')
  const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    ...Array.from({ length: 4 }, () => 'prove ok'),
    'verify ok',
  ])
  expect(new Set(rows.slice(0, 4).map((row) => row['others']))).toEqual(new Set([0, 1]))
  for (const { settings, time_s } of rows.slice(0, 4)) {
    expect(settings).toEqual({ concurrency: 2, warm: true })
    expect(time_s).toBeGreaterThanOrEqual(0.29)
  }
  expect(output).toMatch(/p50 0\.\d+ s, [\d.]+ proofs per minute/)
})

test(
  'a warm process that dies or hangs fails one iteration, and the next gets another process',
  LONG,
  async () => {
    const dir = await makeProject({
      'vitest.config.ts': configOf(`{ iterations: { prove: 3, verify: 1 }, tracks: ${TINY} }`),
      'depth.bench.ts': trackOf('depth'),
      'prover.ts': WARM,
    })
    const results = ['--results', 'rows.jsonl']
    const crashed = await runVitest(dir, 'bench', '--', '--prover', './prover.ts,crash_at=2', ...results)
    const rows = await readResults(dir, 'rows.jsonl')
    expect(rows.slice(0, 3).map(({ status, error }) => [status, error?.code])).toEqual([
      ['ok', undefined],
      ['failed', 'PHASE_FAILED'],
      ['ok', undefined],
    ])
    expect(rows[1]).toMatchObject({ signal: 'SIGKILL', process: 'warm' })
    expect(rows[2]!.time_s_load).toBeGreaterThan(Number(rows[2]!['import_s']))
    expect(crashed.exitCode).toBe(1)
    const hung = [
      '--prover',
      './prover.ts,hang_at=1',
      '--timeout-s',
      '2',
      '--iterations',
      '1',
      '--results',
      'hung.jsonl',
    ]
    await runVitest(dir, 'bench', '--', ...hung)
    const [first] = await readResults(dir, 'hung.jsonl')
    expect(first).toMatchObject({ status: 'timeout', error: { code: 'PHASE_TIMEOUT' } })
  },
)

test('a function that ends its process with exit code 0 has not succeeded, warm or not', LONG, async () => {
  const source = (warm: boolean) => `import { writeFileSync } from 'node:fs'
import { defineProver } from 'provemark/prover'
export default defineProver({
  name: 'quits',
  warm: ${warm},
  artifacts: { proof: { file: 'proof.txt', phase: 'prove' } },
  phases: {
    prove: ({ files }) => writeFileSync(files.proof, 'x'),
    verify: () => process.exit(0),
  },
  tamper: {},
})
`
  const dir = await makeProject({
    'vitest.config.ts': configOf(`{ iterations: 1, tracks: ${TINY} }`),
    'depth.bench.ts': trackOf('depth'),
    'warm.ts': source(true),
    'cold.ts': source(false),
  })
  for (const name of ['warm', 'cold']) {
    const results = ['--results', `${name}.jsonl`]
    const { exitCode } = await runVitest(dir, 'bench', '--', '--prover', `./${name}.ts`, ...results)
    const [prove, verify] = await readResults(dir, `${name}.jsonl`)
    expect(prove).toMatchObject({ status: 'ok' })
    expect(verify).toMatchObject({ status: 'failed', return_code: 2, error: { code: 'PHASE_FAILED' } })
    expect(verify!.error!.tail).toContain('exited with code 0 before the function of the prover returned')
    expect(exitCode).toBe(1)
  }
})

test(
  'a number of threads holds for a warm function and for phases of one process; more is a warning',
  LONG,
  async () => {
    const shared = `
    const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    for (const phase of ['compile', 'prove']) {
      console.log('begin ' + phase + '\\ncpus=' + require('os').availableParallelism())
      wait()
      console.log('end ' + phase)
      wait()
    }`
    const bounds = (phase: string) => `bounds: { begin: /^begin ${phase}$/, end: /^end ${phase}$/ }`
    const spin = 'timeout 1 sh -c "while :; do :; done"'
    const dir = await makeProject({
      'vitest.config.ts': configOf(
        `{ provers: ['./warm.ts', './shared.ts', './greedy.ts'], threads: 1, iterations: 1, tracks: ${TINY} }`,
      ),
      'depth.bench.ts': trackOf('depth'),
      'warm.ts': `
      import { availableParallelism } from 'node:os'
      import { defineProver } from 'provemark/prover'
      export default defineProver({
        name: 'warm', warm: true, threads: false, tamper: {},
        phases: { prove: () => ({ extra: { seen: availableParallelism() } }) },
      })`,
      'shared.ts': `
      import { commandProver } from 'provemark/prover'
      export default commandProver({
        name: 'shared', version: '1',
        phases: {
          compile: { cmd: ['node', '-e', ${JSON.stringify(shared)}], ${bounds('compile')} },
          prove: { ${bounds('prove')} },
        },
        counters: ['cpus'], totalCost: 'cpus',
      })`,
      'greedy.ts': `
      import { commandProver } from 'provemark/prover'
      export default commandProver({
        name: 'greedy', version: '1',
        phases: { prove: { cmd: ['sh', '-c', '${`(${spin}) & `.repeat(4)}wait # {threads}'] } },
      })`,
    })
    await runVitest(dir, 'bench', '--', '--no-interleave')
    const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
    const of = (name: string) => rows.filter(({ prover }) => prover?.name === name)
    expect(of('warm')).toMatchObject([{ status: 'ok', settings: { cpus: 1 }, seen: 1 }])
    const held = { status: 'ok', settings: { cpus: 1 } }
    expect(of('shared')).toMatchObject([{ ...held, ecc: { cpus: 1 } }, held])
    expect(of('greedy')).toMatchObject([{ status: 'ok', settings: { threads: 1 } }])
    // On a busy machine four busy processes may get less than one CPU.
    const [{ cpu_user_s, cpu_sys_s, time_s, warnings = [] }] = of('greedy') as [Row]
    const used = (cpu_user_s! + cpu_sys_s!) / time_s!
    const told = warnings!.filter((warning) => warning.startsWith('THREADS_EXCEEDED'))
    expect(told).toEqual(
      used > 1.2 ? [`THREADS_EXCEEDED: used ${used.toFixed(1)} CPUs on average instead of at most 1`] : [],
    )
  },
)
