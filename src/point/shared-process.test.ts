import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf, makeProject, readResults, runVitest, trackOf } from '../../fixtures/make-project.ts'
import type { Row } from '../row/schema.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/provers/one-process.mjs')
const LONG = { timeout: 120_000 }

/** A prover of the fixture, with the bounds of each phase as text. */
const proverOf = (name: string, how: string, bounds: (phase: string) => string) => `
export default commandProver({
  name: '${name}',
  version: '1.0',
  phases: {
    compile: { cmd: ['node', ${JSON.stringify(PROGRAM)}, '${how}', '{proof}', '{iterations}'], bounds: ${bounds('compile')} },
    prove: { bounds: ${bounds('prove')}, artifacts: { proof: { file: 'proof.bin', deterministic: true } } },
    verify: { bounds: ${bounds('verify')} },
  },
  counters: ['gates'],
  totalCost: 'gates',
})`

const waits = () => `'waits'`
const prints = (phase: string) => `{ begin: /^begin ${phase}$/, end: /^end ${phase}$/ }`
const logs = (phase: string) => {
  const line = (message: string) => `{ fields: { message: '${message}' }, span: { name: '${phase}' } }`
  return `{ begin: ${line('begin')}, end: ${line('end')} }`
}
const times = (phase: string) => `{ time: /^Time elapsed in ${phase}: (.+)$/ }`

async function bench(provers: Record<string, string>, settings = 'iterations: 1') {
  const files = Object.fromEntries(
    Object.entries(provers).map(([name, text]) => [
      `${name}.ts`,
      `import { commandProver } from 'provemark/prover'\n${text}`,
    ]),
  )
  const list = Object.keys(files).map((file) => `'./${file}'`)
  const dir = await makeProject({
    'vitest.config.ts': configOf(
      `{ provers: [${list.join(', ')}], ${settings}, tracks: { depth: { depth_max: 1, input_hw: 8, conv_out_ch: 2, fc_hidden: 4 } } }`,
    ),
    'depth.bench.ts': trackOf('depth'),
    ...files,
  })
  const { exitCode, output } = await runVitest(dir, 'bench', '--', '--no-interleave')
  const rows = await readResults(dir, 'benchmarking/depth_sweep.jsonl')
  const of = (name: string) => rows.filter(({ prover }) => prover?.name === name)
  return { exitCode, output, rows, of }
}

const outline = (rows: readonly Row[]) =>
  rows.map(({ phase, iteration, status }) => `${phase} ${iteration} ${status}`)

test('marks that a program waits at give time, CPU time, memory and spans of each phase', LONG, async () => {
  const { of, rows } = await bench(
    { waits: proverOf('waits', 'waits', waits) },
    'iterations: { compile: 1, prove: 3, verify: 3 }',
  )
  const own = of('waits')
  // One process gave all of them: the compile was not repeated.
  expect(outline(own)).toEqual([
    'compile 1 ok',
    'prove 1 ok',
    'prove 2 ok',
    'prove 3 ok',
    'verify 1 ok',
    'verify 2 ok',
    'verify 3 ok',
  ])
  expect(new Set(rows.map(({ tmpdir }) => tmpdir)).size).toBe(3)
  const [compile, prove, , , verify] = own as [Row, Row, Row, Row, Row]
  const wholeS = own.reduce((sum, { time_s: timeS }) => sum + timeS!, 0)
  for (const row of own) {
    expect(row).toMatchObject({ time_source: 'marks', process: 'shared', return_code: 0 })
    expect(row.time_resolution_s).toBeUndefined()
  }
  expect(compile.ecc).toEqual({ gates: 12, totalCost: 12 })
  expect(prove.proof_size_bytes).toBe(1)
  expect(prove.time_s).toBeGreaterThan(0.08)
  expect(compile.time_s).toBeGreaterThan(0.06)
  // Busy for all of its time, or for what others left of it.
  expect(prove.cpu_user_s! + prove.cpu_sys_s!).toBeGreaterThan(0.01)
  expect(prove.cpu_user_s! + prove.cpu_sys_s!).toBeLessThan(prove.time_s! * 4)
  expect(prove.spans!['msm']).toBeGreaterThan(0.02)
  expect(prove.spans!['msm']).toBeLessThan(prove.time_s!)
  expect(compile.spans).toBeUndefined()
  // The 96 MB of prove are in its own peak, and not in that of compile before it.
  expect(prove.mem_mb! - compile.mem_mb!).toBeGreaterThan(60)
  expect(prove).toMatchObject({ mem_lower_bound: false, mem_source: 'hwm' })
  expect(verify.time_s).toBeGreaterThan(0.06)
  expect(verify.time_s).toBeLessThan(wholeS / 2)
})

test('printed marks and printed durations, and what is known of a phase then', LONG, async () => {
  const { of, exitCode } = await bench(
    {
      prints: proverOf('prints', 'prints', prints),
      coloured: proverOf('coloured', 'coloured', prints),
      logs: proverOf('logs', 'json', logs),
      durations: proverOf('durations', 'durations', times),
    },
    'iterations: { compile: 1, prove: 2, verify: 2 }',
  )
  expect(exitCode).toBe(0)
  for (const name of ['prints', 'coloured', 'logs']) {
    const [, first] = of(name) as [Row, Row]
    expect(outline(of(name))).toEqual([
      'compile 1 ok',
      'prove 1 ok',
      'prove 2 ok',
      'verify 1 ok',
      'verify 2 ok',
    ])
    expect(first).toMatchObject({ time_source: 'marks', process: 'shared', mem_lower_bound: true })
    expect(first.time_resolution_s).toBeGreaterThan(0)
    // It works for 60 ms. A printed mark may be read late, by no more than the row says.
    expect(first.time_s! + first.time_resolution_s!).toBeGreaterThan(0.06)
    expect(first.mem_mb).toBeGreaterThan(90)
  }

  const printed = of('durations')
  expect(printed.map(({ phase, time_s, time_resolution_s }) => [phase, time_s, time_resolution_s])).toEqual([
    ['compile', 1.234567, 1e-6],
    ['prove', 0.8345, 1e-4],
    ['prove', expect.closeTo(12.3e-6, 12), expect.closeTo(1e-7, 12)],
    ['verify', expect.closeTo(45e-9, 15), expect.closeTo(1e-9, 15)],
    ['verify', 0.0015, 1e-4],
  ])
  for (const row of printed) expect(row).toMatchObject({ time_source: 'printed', mem_mb: null })
  // It takes a few milliseconds and prints more than a second.
  expect(printed[0]!.warnings).toEqual([
    expect.stringMatching(
      /^OUTPUT_UNREADABLE: compile is printed to have taken 1\.234567 s, its process ran 0\.\d+ s$/,
    ),
  ])
  expect(printed[2]!.warnings ?? []).toEqual([])
  expect(printed[0]).not.toHaveProperty('cpu_user_s')
})

test(
  'the figures of a phase are read from what is printed during it, however much that is',
  LONG,
  async () => {
    const program = `
    const noise = () => { for (let i = 0; i < 40_000; i++) console.log('step ' + i + ' of a long computation without figures') }
    console.log('begin compile')
    setTimeout(() => {
      console.log('took setup 0.25 s')
      noise()
      console.log('\\u001B[1mtook\\u001B[0m keys 0.5 s')
      noise()
      console.log('own time 0.125 s\\nend compile\\ntook circuit 0.75 s')
      noise()
      console.log('took msm 1.5 s')
      noise()
      console.log('own time 1.75 s\\ngates=12\\nProving time: 2 s')
    }, 100)`
    const { of } = await bench({
      chatty: `
export default commandProver({
  name: 'chatty',
  version: '1.0',
  phases: {
    compile: { cmd: ['node', '-e', ${JSON.stringify(program)}], bounds: ${prints('compile')} },
    prove: { bounds: { time: /^Proving time: (.+)$/ } },
  },
  counters: ['gates'],
  totalCost: 'gates',
  time: /own time (.+)/,
  spans: {
    setup: /took setup (.+)/, keys: /took keys (.+)/, circuit: /took circuit (.+)/, msm: /took msm (.+)/,
  },
})`,
    })
    const [compile, prove] = of('chatty')
    expect(compile).toMatchObject({ phase: 'compile', status: 'ok', time_s_rust: 0.125 })
    expect(prove).toMatchObject({ phase: 'prove', status: 'ok', time_s: 2, time_s_rust: 1.75 })
    expect([compile!.spans, prove!.spans]).toEqual([
      { setup: 0.25, keys: 0.5 },
      { circuit: 0.75, msm: 1.5 },
    ])
    // Counters of the circuit may be printed after the phase that they belong to.
    expect(compile!.ecc).toEqual({ gates: 12, totalCost: 12 })
  },
)

test(
  'what a program prints before it waits at a mark belongs to the phase that ends there',
  LONG,
  async () => {
    const marks = join(import.meta.dirname, '../../examples/marks/marks.mjs')
    const program = `
    import { writeSync } from 'node:fs'
    import { mark } from ${JSON.stringify(marks)}
    mark('begin compile')
    mark('end compile')
    for (let i = 0; i < Number(process.argv[1]); i++) {
      mark('begin prove')
      writeSync(1, 'step\\n'.repeat(60_000) + 'took msm 0.5 s\\n')
      mark('end prove')
      writeSync(1, 'took msm 9 s\\n')
    }`
    const { of } = await bench(
      {
        prompt: `
export default commandProver({
  name: 'prompt',
  version: '1.0',
  phases: {
    compile: { cmd: ['node', '--input-type=module', '-e', ${JSON.stringify(program)}, '{iterations}'], bounds: 'waits' },
    prove: { bounds: 'waits' },
  },
  spans: { msm: /took msm (.+)/ },
})`,
      },
      'iterations: { compile: 1, prove: 20 }',
    )
    const proofs = of('prompt').filter(({ phase }) => phase === 'prove')
    expect(proofs.map(({ status, spans }) => [status, spans])).toEqual(
      Array.from({ length: 20 }, () => ['ok', { msm: 0.5 }]),
    )
  },
)

test('what a program does wrong with its marks is said, and nothing is invented', LONG, async () => {
  const { of } = await bench({
    held: proverOf('held', 'held', prints),
    endless: proverOf('endless', 'endless', prints),
    unended: proverOf('unended', 'unended', prints),
    crossed: proverOf('crossed', 'crossed', waits),
    order: proverOf('order', 'order', prints),
    partial: proverOf('partial', 'partial', prints),
    stranger: proverOf('stranger', 'stranger', waits),
    dies: proverOf('dies', 'dies', prints),
    refuses: proverOf('refuses', 'refuses', prints),
  })
  const told = (name: string) =>
    of(name).map(({ phase, status, error }) => [phase, status, error?.code ?? '', error?.message ?? ''])
  expect(told('held')).toEqual([
    ['compile', 'failed', 'MARKS_INVALID', expect.stringMatching(/arrived at once.*flush after each mark/s)],
    ['prove', 'skipped', 'EARLIER_PHASE_FAILED', expect.anything()],
    ['verify', 'skipped', 'EARLIER_PHASE_FAILED', expect.anything()],
  ])
  expect(told('endless')[0]).toEqual(['compile', 'ok', '', ''])
  expect(told('endless')[1]).toEqual([
    'prove',
    'failed',
    'MARKS_INVALID',
    expect.stringContaining('verify began before prove had ended'),
  ])
  expect(told('unended').at(-1)).toEqual([
    'verify',
    'failed',
    'MARKS_INVALID',
    'verify began and never ended',
  ])
  expect(told('crossed').at(-1)).toEqual([
    'verify',
    'failed',
    'MARKS_INVALID',
    'verify ended before it began',
  ])
  expect(told('order')[0]).toEqual(['compile', 'failed', 'MARKS_INVALID', 'compile ended before it began'])
  expect(told('partial').at(-1)).toEqual([
    'verify',
    'failed',
    'MARKS_INVALID',
    expect.stringContaining('no verify was seen'),
  ])
  expect(told('stranger').at(-1)).toEqual([
    'verify',
    'failed',
    'MARKS_INVALID',
    expect.stringContaining('"hello" was written'),
  ])
  expect(told('dies').map(([phase, status, code]) => `${phase} ${status} ${code}`)).toEqual([
    'compile ok ',
    'prove failed PHASE_FAILED',
    'verify skipped EARLIER_PHASE_FAILED',
  ])
  expect(told('refuses').map(([phase, status, code]) => `${phase} ${status} ${code}`)).toEqual([
    'compile ok ',
    'prove ok ',
    'verify failed PHASE_FAILED',
  ])
  expect(of('dies').map(({ time_s }) => time_s === null)).toEqual([false, true, true])
})

test('a process that dies before its later phases does not give them a result', LONG, async () => {
  const { of } = await bench({ first: proverOf('first', 'first', prints) }, 'iterations: 3')
  expect(outline(of('first'))).toEqual(
    ['compile', 'prove', 'verify'].flatMap((phase) => [
      `${phase} 1 ${phase === 'compile' ? 'failed' : 'skipped'}`,
      `${phase} 2 ok`,
      `${phase} 3 ok`,
    ]),
  )
})

test('a phase that never ends is a timeout of that phase alone', LONG, async () => {
  const { of } = await bench(
    { hangs: proverOf('hangs', 'hangs', prints), stuck: proverOf('stuck', 'stuck', waits) },
    'iterations: 1, timeout_s: { compile: 1, prove: 1, verify: 1 }',
  )
  for (const name of ['hangs', 'stuck']) {
    const [compile] = of(name)
    expect(outline(of(name)).slice(1)).toEqual(['prove 1 timeout', 'verify 1 skipped'])
    expect(compile).toMatchObject({ phase: 'compile', status: 'ok' })
  }
})

test(
  'verify inside of the process cannot be asked about another proof, and the row says so',
  LONG,
  async () => {
    const inside = proverOf('inside', 'waits', waits)
    const check = "process.exit(Number(require('fs').readFileSync(process.argv[1], 'utf8') !== '7'))"
    const alone = proverOf('alone', 'partial', prints).replace(
      /verify: \{ bounds: .*/,
      `verify: { cmd: ['node', '-e', ${JSON.stringify(check)}, '{proof}'] },`,
    )
    const { of, output } = await bench({ inside, alone }, 'iterations: 1, controls: true')
    expect(of('inside').at(-1)).toMatchObject({
      phase: 'verify',
      controls: { proof: 'not_applicable', output: 'not_applicable' },
      controls_why: expect.stringContaining('cannot be asked about another proof'),
    })
    expect(output).toContain('no forgery tried: verify runs inside the process that proved')
    expect(of('alone').at(-1)).toMatchObject({ phase: 'verify', proof_changes: { rejected: 1, accepted: 0 } })
  },
)

test(
  'programs that print as zkml, jolt-atlas and DeepProve do are read by the modules in examples',
  LONG,
  async () => {
    const examples = join(import.meta.dirname, '../../examples/printed')
    const names = ['zkml', 'jolt-atlas', 'deep-prove'] as const
    const modules = await Promise.all(names.map((name) => readFile(join(examples, `${name}.ts`), 'utf8')))
    const dir = await makeProject({
      'vitest.config.ts': configOf(`{ iterations: { compile: 1, witness: 2, prove: 2, verify: 2 } }`),
      'depth.bench.ts': trackOf('depth'),
      'workloads.bench.ts': trackOf('workloads'),
      'model.msgpack': 'x',
      'input.msgpack': 'x',
      ...Object.fromEntries(names.map((name, i) => [`${name}.ts`, modules[i]!])),
    })
    const run = async (name: string, ...flags: string[]) => {
      const prover = `./${name}.ts,bin=${join(PROGRAM, '../printed.mjs')}`
      await runVitest(
        dir,
        'bench',
        flags[0]!,
        '--',
        '--prover',
        prover,
        '--results',
        `${name}.jsonl`,
        ...flags.slice(1),
      )
      return readResults(dir, `${name}.jsonl`)
    }
    const tiny = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
    const figures = (rows: readonly Row[]) => rows.map(({ phase, status, time_s }) => [phase, status, time_s])
    const near = (value: number) => expect.closeTo(value, 12)

    const zkml = await run('zkml', 'workloads', '--workload', 'model.msgpack', '--input', 'input.msgpack')
    expect(figures(zkml)).toEqual([
      ['compile', 'ok', near(0.002)],
      ['prove', 'ok', near(0.008345)],
      ['prove', 'ok', near(0.008345)],
      ['verify', 'ok', near(45e-9)],
      ['verify', 'ok', near(45e-9)],
    ])
    expect(zkml[0]!.ecc).toEqual({ 'pkey size': 56_789, 'Proof size': 4096 })

    const jolt = await run('jolt-atlas', 'depth', ...tiny)
    expect(figures(jolt).slice(0, 2)).toEqual([
      ['compile', 'ok', near(0.002)],
      ['prove', 'ok', near(0.01)],
    ])
    expect(jolt.at(-1)).toMatchObject({ phase: 'verify', status: 'ok', time_s: near(0.003000045) })
    expect(jolt.slice(0, 2).map(({ spans }) => spans)).toEqual([
      { setup_prover: near(0.002) },
      { 'HyperKZG::prove': near(0.002012), 'ONNXProof::prove': near(0.01) },
    ])

    const deepProve = await run('deep-prove', 'depth', ...tiny)
    expect(outline(deepProve)).toEqual(
      ['compile 1', 'witness 1', 'witness 2', 'prove 1', 'prove 2', 'verify 1', 'verify 2'].map(
        (own) => `${own} ok`,
      ),
    )
    expect(new Set(deepProve.map(({ time_source }) => time_source))).toEqual(new Set(['marks']))
  },
)
