import fc from 'fast-check'
import { expect, test } from 'vitest'
import command from '../../fixtures/provers/command.ts'
import hasher from '../../fixtures/provers/hasher.ts'
import toy from '../../fixtures/provers/toy.ts'
import { PHASES } from '../row/phases.ts'
import { rowSchema } from '../row/schema.ts'
import type { PhaseReport, Prover } from './contract.ts'
import { readKeyValueCounters } from './counters.ts'
import { readReport } from './read-report.ts'
import { loadProver, PROVER_NAMES } from './registry.ts'

const FUZZ = { seed: 42, numRuns: Number(process.env['PROVEMARK_FUZZ_RUNS'] ?? 2000) }
const BUILT_IN = await Promise.all(PROVER_NAMES.map((name) => loadProver(name, '.')))
const SUBJECTS = [...BUILT_IN, toy, hasher, command]
const NAMES = [...new Set(SUBJECTS.flatMap(({ counters }) => counters ?? []))]

/** Fragments of prover output, whole, truncated and in any order. */
const piece = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom('=', ':', ' ', '\n', '\r', '\t', ',', '.', '"', '{', '}', '[', '\\"', '\u0000', '\uD800'),
  fc.constantFrom('\u001B[36m', '\u001B[', '\u001B]8;;', '\u001B[0m'),
  fc.constantFrom(
    'Rust time taken: ',
    ' seconds',
    'provemark:report {',
    '{"message":"',
    'done in ',
    ' inputs, ',
  ),
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map((value) => value.toLocaleString('en')),
  fc.string({ unit: 'binary' }),
)
const output = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))

test('no output, however broken, breaks a reader or makes a figure that a row cannot hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      output,
      fc.constantFrom(...SUBJECTS),
      fc.constantFrom(...PHASES),
      async (text, prover, phase) => {
        const { report } = await readReport(prover, phase, text, {})
        const { counters = {}, timeS = null, memMb = null, extra = {} } = report
        const row = { phase, ecc: counters, time_s_rust: timeS, mem_mb_rust: memMb, ...extra }
        expect(rowSchema.safeParse(row).error).toBeUndefined()
        for (const value of Object.values(counters)) expect(Number.isFinite(value)).toBe(true)
      },
    ),
    FUZZ,
  )
})

const colour = fc.constantFrom('', '\u001B[36m', '\u001B[1;32m', '\u001B[0m')
const between = fc.constantFrom(' ', '\r', '\n', '\r\n', ', ', '] [', ' \u001B[0m ', '","', '\t')
const written = (value: number) =>
  fc.constantFrom(String(value), value.toLocaleString('en'), value.toLocaleString('en').replaceAll(',', '_'))

test('counters are found by key, whatever surrounds them', () => {
  const shown = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.nat(10 ** 12)), {
      selector: ([name]) => name,
      maxLength: 12,
    })
    .chain((pairs) =>
      fc.record({
        counters: fc.constant(Object.fromEntries(pairs)),
        parts: fc.tuple(
          ...pairs.map(([name, value]) =>
            fc
              .tuple(colour, fc.constantFrom('=', ': ', ' = ', '":'), colour, written(value), colour, between)
              .map(
                ([a, equals, b, digits, c, gap]) =>
                  `${a}${equals === '":' ? '"' : ''}${name}${equals}${b}${digits}${c}${gap}`,
              ),
          ),
        ),
      }),
    )
  fc.assert(
    fc.property(shown, ({ counters, parts }) => {
      expect(readKeyValueCounters(`x ${parts.join('')} y`, NAMES)).toEqual(counters)
    }),
    FUZZ,
  )
})

test('a longer word, decimals and numbers beyond the exact are no counters', () => {
  const read = (text: string) => readKeyValueCounters(text, ['numAdd'])
  expect(read('mynumAdd=1')).toEqual({})
  expect(read('numAddX=1 x.numAdd=2')).toEqual({})
  expect(read('numAdd=1.5')).toEqual({})
  expect(read('numAdd=12abc')).toEqual({})
  expect(read('numAdd=99999999999999999999')).toEqual({})
  expect(read('numAdd=7.')).toEqual({ numAdd: 7 })
  expect(read('{"detail":"{\\"numAdd\\":8}"}')).toEqual({ numAdd: 8 })
  expect(read('numAdd=1 … numAdd=2')).toEqual({ numAdd: 2 })
})

test('what a reader throws or makes up is named and left out', async () => {
  const reading = (read: Prover['read']) => readReport({ ...toy, read }, 'compile', '', {})
  expect(
    await reading(() => {
      throw new Error('no such line')
    }),
  ).toEqual({ report: {}, warnings: ['OUTPUT_UNREADABLE: output of compile: no such line'] })
  const odd = { counters: { a: 1, b: NaN }, timeS: -1, memMb: 'much', extra: { time_s: 0, note: 'x' } }
  const { report, warnings } = await reading(() => odd as unknown as PhaseReport)
  expect(report).toEqual({ counters: { a: 1 }, extra: { note: 'x' } })
  expect(warnings.map((warning) => warning.split(':')[1]?.trim()).toSorted()).toEqual(
    ['b', 'memMb', 'time_s', 'timeS'].toSorted(),
  )
})
