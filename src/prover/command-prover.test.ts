import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder, writeCommandProver } from '../../fixtures/run-bench.ts'
import type { CounterSource } from './command-output.ts'
import { commandProver } from './command-prover.ts'
import { readReport } from './read-report.ts'
import type { SpanSource } from './spans.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

test('plain commands in a module of a user run, are measured and read', async () => {
  const dir = await temporaryFolder()
  const prover = './fixtures/provers/command.ts,label=a b'
  const flags = ['--prover', prover, '--threads', '3', '--keep', 'all', '--iterations', '1', ...TINY]
  const { exitCode, rows } = await runBench(dir, ['depth'], flags)
  expect(rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  const [compile, , prove] = rows
  expect(compile).toMatchObject({
    prover: { name: 'echo', version: '3.4.5', deterministic: { circuit: 'bytes' } },
    ecc: { gates: 1200, wires: 34, totalCost: 1200 },
    time_s_rust: 0.25,
    mem_mb_rust: 2,
    security: { scheme: 'none', field: 'unknown', bits: 'unknown' },
    settings: { threads: 3, label: 'a b' },
  })
  // An option without a value removes its word.
  expect(compile?.cmd?.slice(4)).toEqual(['--label=a b'])
  const seen = JSON.parse(await readFile(join(prove!.tmpdir!, 'proof.txt'), 'utf8'))
  expect(seen).toMatchObject({ threads: '3', label: 'label a b' })
  expect(seen.words.at(-1)).toBe('{"json":"is no placeholder"}')
  expect(exitCode).toBe(0)
})

const GOOD = {
  name: 'x',
  version: '1.0',
  phases: {
    compile: { cmd: ['x', 'compile', '{model}', '{circuit}'], artifacts: { circuit: { file: 'c.bin' } } },
    witness: { cmd: ['x', 'witness', '{circuit}', '{input}', '{w}'], artifacts: { w: { file: 'w.bin' } } },
    prove: { cmd: ['x', 'prove', '{w}', '{proof}'], artifacts: { proof: { file: 'p.bin' } } },
    verify: { cmd: ['x', 'verify', '{proof}'] },
  },
} as const

test('what a phase reads follows from its words', () => {
  const { phases } = commandProver(GOOD)
  expect(phases.prove).toMatchObject({ reads: ['w'], writes: ['proof'] })
  expect(phases.verify).toMatchObject({ reads: ['proof'], writes: [] })
})

/** Plain JavaScript has no types that would refuse a definition. */
const define = (change: Record<string, unknown>) =>
  commandProver({ ...GOOD, phases: { ...GOOD.phases, ...change } } as unknown as typeof GOOD)

test('a definition that contradicts itself is refused with every fault', () => {
  expect(() =>
    define({ prove: { cmd: ['./x', '{wittness}', '{proof}'], artifacts: { proof: { file: 'p' } } } }),
  ).toThrow(
    /prove names {wittness}, known are model, workload, input, circuit, w, proof, threads; the program of prove/,
  )
  expect(() =>
    define({ compile: { cmd: ['x', '{circuit}', '{proof}'], artifacts: GOOD.phases.compile.artifacts } }),
  ).toThrow(/compile reads proof, which no earlier phase writes/)
  expect(() => define({ prove: { cmd: ['x', '{w}'] } })).toThrow(/prove|proof/)
  expect(() => define({ prove: {} })).toThrow(/no command for prove/)
  expect(() => define({ proof: { cmd: ['x'] } })).toThrow(/unknown phase proof: phases are compile/)
  expect(() => define({ prove: { cmd: ['x', '{proof}'], artifacts: { proof: { file: '../p' } } } })).toThrow(
    /file of proof has to be a plain name/,
  )
  const twice = { ...GOOD.phases.compile.artifacts, other: { file: 'C.BIN' } }
  expect(() => define({ compile: { cmd: ['x', '{circuit}', '{other}'], artifacts: twice } })).toThrow(
    /circuit and other are one file/,
  )
})

test('a placeholder of an unknown artifact is a type error', () => {
  const phases = { ...GOOD.phases, verify: { cmd: ['x', '{wittness}'] } } as const
  // @ts-expect-error -- no artifact is called wittness
  expect(() => commandProver({ ...GOOD, phases })).toThrow(/verify names {wittness}/)
})

test.each([
  ['names', ['gates'], { gates: 12 }],
  ['named groups', /(?<gates>[\d,]+) gates and (?<wires>\d+) wires/, { gates: 1234, wires: 5 }],
  ['two groups', /(\w+) is (\d+)/, { depth: 7, width: 8 }],
  ['a function', (text: string) => ({ length: text.length }), { length: 59 }],
] as const)('counters by %s', async (_, counters, expected) => {
  const prover = commandProver({ ...GOOD, counters })
  const output = 'gates=\u001B[36m12\u001B[0m, 1,234 gates and 5 wires, depth is 7 width is 8\n\n\n'
  expect(await prover.read(output, 'compile', {})).toEqual({ counters: expected })
  expect(await prover.read(output, 'prove', {})).toEqual({})
})

test('the version may be told by another program than the one that proves', async () => {
  const words = ['node', '-p', '"4.5.6"'] as const
  const phases = {
    ...GOOD.phases,
    compile: { ...GOOD.phases.compile, cmd: ['sh', '{model}', '{circuit}'] },
  } as const
  expect(await commandProver({ ...GOOD, phases, version: words }).locate({})).toMatchObject({
    version: '4.5.6',
  })
  const none = commandProver({ ...GOOD, phases, version: ['no-such-program-anywhere'] })
  expect(await none.locate({})).toMatchObject({ version: 'unknown' })
})

test('a program that is there and cannot run is not called missing', async () => {
  const dir = await temporaryFolder()
  const bin = join(dir, 'x')
  await writeFile(bin, '#!/bin/sh\n', { mode: 0o644 })
  await expect(commandProver(GOOD).locate({ bin })).rejects.toThrow(/not executable: chmod \+x/)
  await expect(commandProver(GOOD).locate({ bin: dir })).rejects.toThrow(/it is a folder/)
  const byPath = (program: string) => {
    const cmd = [program, '{model}', '{circuit}'] as const
    const phases = { ...GOOD.phases, compile: { ...GOOD.phases.compile, cmd } }
    return commandProver({ ...GOOD, phases }).locate({})
  }
  await expect(byPath(bin)).rejects.toThrow(/^prover x: .* not executable: chmod \+x/)
  await expect(byPath(join(dir, 'y'))).rejects.toThrow(`prover x: no executable at ${join(dir, 'y')}`)
})

test('a program that is not there is named, with where to get it', async () => {
  const prover = commandProver({ ...GOOD, install: 'cargo install x' })
  await expect(prover.locate({})).rejects.toMatchObject({ code: 'PROVER_NOT_FOUND', hint: 'cargo install x' })
})

const TIMED = { ...GOOD, time: /took ([\d.,]+) s/, memory: /peak ([\d.,]+) MB/ } as const

test('a decimal comma is one, and what is no number is named', async () => {
  const prover = commandProver({ ...TIMED, counters: /gates=(?<gates>\d+)/ })
  const read = (output: string) => readReport(prover, 'compile', output, {})
  expect(await read('gates=1 took 0,25 s peak 12,5 MB')).toEqual({
    report: { counters: { gates: 1 }, timeS: 0.25, memMb: 12.5 },
    warnings: [],
  })
  const { report, warnings } = await read('gates=2^20 took 1.234.567 s peak 1,23,4 MB')
  expect(report).toEqual({ counters: {} })
  expect(warnings.map((warning) => warning.split(': ').slice(0, 2).join(' '))).toEqual([
    'OUTPUT_UNREADABLE timeS',
    'OUTPUT_UNREADABLE memMb',
    'OUTPUT_UNREADABLE gates',
  ])
})

test.each(['', ' gates', 'gates ', 'gates\nwires'])('the counter name %j is refused', (name) => {
  expect(() => commandProver({ ...GOOD, counters: [name] })).toThrow(/PROVER_INVALID|has to be a name/)
})

test('a program with a relative path is refused once, with the path that works', () => {
  const { prove, ...rest } = GOOD.phases
  const phases = {
    ...rest,
    prove: { ...prove, cmd: ['./bin/mine'] },
    verify: { cmd: ['./bin/mine', 'verify'] },
  } as const
  expect(() => commandProver({ ...GOOD, phases })).toThrow(
    "the program of prove, verify has to be a name on PATH or an absolute path, such as join(import.meta.dirname, './bin/mine')",
  )
})

test('lines with figures are kept: counters of odd names, patterns with their own flags, spans', () => {
  const keeps = (definition: { counters?: CounterSource; spans?: SpanSource }, line: string) =>
    [commandProver({ ...GOOD, ...definition }).keep ?? []].flat().some((own) => own.test(line))
  const counters = ['non-linear constraints', 'a+b']
  expect(keeps({ counters }, 'non-linear  constraints: 5')).toBe(true)
  expect(keeps({ counters }, 'a+b: 5')).toBe(true)
  expect(keeps({ counters }, 'aab: 5')).toBe(false)
  expect(keeps({ counters: /\p{L}+: (?<gates>\d+)/u }, 'größe: 5')).toBe(true)
  expect(keeps({ counters: /(["'])(?<gates>\d+)\1/ }, '"5"')).toBe(true)
  expect(keeps({ spans: { msm: /^msm took (\S+)/ } }, 'msm took 1 s')).toBe(true)
  expect(keeps({ spans: 'tracing' }, 'prove: close time.busy=1s')).toBe(true)
  expect(keeps({ spans: 'tracing' }, 'prove: new')).toBe(false)
})

/** The echo prover with these sources of figures. */
const echoWith = (sources: string) => {
  const program = JSON.stringify(join(import.meta.dirname, '../../fixtures/provers/echo.mjs'))
  return `{
  name: 'echo', version: '1', ${sources},
  phases: {
    compile: { cmd: [${program}, 'compile', '{model}', '{circuit}'], artifacts: { circuit: { file: 'c.txt' } } },
    verify: { cmd: [${program}, 'verify', '{circuit}'] },
  } }`
}

test('what is looked for and found in no phase is named once, in the row and on the card', async () => {
  const dir = await temporaryFolder()
  const module = await writeCommandProver(
    dir,
    echoWith(
      'time: /proved in (.*) s/, memory: /used (\\d+) kB/, counters: /(\\w+) is (\\d+)/, spans: { load: /load (.*) s/, all: /took (.*) s/ }',
    ),
  )
  const { output, rows } = await runBench(dir, ['depth'], ['--prover', module, '--iterations', '1', ...TINY])
  const warning =
    "FIGURE_MISSING: no phase gave a figure for time, counters, spans.load: compare what is looked for with what each row's cmd prints"
  const warned = rows.map(({ phase, warnings }) => [phase, warnings ?? []])
  expect(warned).toEqual([
    ['compile', []],
    ['verify', [warning]],
  ])
  expect(output).toContain(`! verify: ${warning}`)
})

test('without the last phase nobody knows what it would have printed', async () => {
  const dir = await temporaryFolder()
  const module = await writeCommandProver(dir, echoWith('time: /proved in (.*) s/'))
  const flags = ['--prover', module, '--iterations', '1', ...TINY]
  const { rows } = await runBench(dir, ['depth', '-t', 'compile'], flags)
  expect(rows.map(({ phase, warnings }) => [phase, warnings])).toEqual([['compile', undefined]])
})

test.each([
  ["counters: ['gates']", 'ecc.totalCost=0%', 'echo can report, given ecc.totalCost (known: ecc.gates)'],
  ['time: /took (.*) s/', 'ecc.totalCost=0%', 'echo can report, given ecc.totalCost'],
  ["counters: ['gates'], totalCost: 'gates'", 'time_s_rust=9', 'echo can report, given time_s_rust'],
])('with %s the budget %s is refused before anything is measured', async (sources, budget, expected) => {
  const dir = await temporaryFolder()
  const module = await writeCommandProver(dir, echoWith(sources))
  const flags = ['--prover', module, '--budget', budget, '--allow-missing', ...TINY]
  const { exitCode, output, rows } = await runBench(dir, ['depth'], flags)
  expect(output).toContain(`budget ${budget}: expected a figure that ${expected}`)
  expect(output).toContain('next: remove the budget from gate.budgets, or let the prover report the figure')
  expect(rows).toEqual([])
  expect(exitCode).toBe(2)
})

test.each([
  'counters: (text) => ({ made: text.length })',
  "counters: (text) => ({ made: text.length }), totalCost: 'made'",
])('a budget on a counter that %s may report is judged', async (sources) => {
  const dir = await temporaryFolder()
  const module = await writeCommandProver(dir, echoWith(sources))
  const flags = ['--prover', module, '--iterations', '1', '--budget', 'ecc.made=99999', ...TINY]
  const { exitCode, output } = await runBench(dir, ['depth'], flags)
  expect(output).toMatch(/^gate: .* ok/m)
  expect(exitCode).toBe(0)
})
