import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { judgeRows } from '../../fixtures/judge-rows.ts'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { commandProver } from './command-prover.ts'
import type { SpanSource } from './spans.ts'

async function spansOf(spans: SpanSource, output: string, files = {}) {
  const prover = commandProver({
    name: 'x',
    version: '1',
    spans,
    phases: {
      prove: {
        cmd: ['x', '{proof}'],
        artifacts: { proof: { file: 'proof' }, trace: { file: 'trace.json' } },
      },
    },
  })
  return (await prover.read(output, 'prove', files)).spans
}

test("tracing's lines as spans close: busy and idle time, repeated spans added up", async () => {
  const output = [
    '\u001B[2m2026-11-26T18:00:00.000001Z\u001B[0m \u001B[32m INFO\u001B[0m jolt: close time.busy=1.50s time.idle=500ms',
    '2026-11-26T18:00:00Z  INFO ONNXProof::prove{n=2}:HyperKZG::prove: jolt_core::poly: close time.busy=834.5ms time.idle=12.3µs',
    '2026-11-26T18:00:01Z  INFO ONNXProof::prove{n=2}:HyperKZG::prove: jolt_core::poly: close time.busy=45ns time.idle=5ns',
    '2026-11-26T18:00:02Z  INFO ONNXProof::prove: something else took 5s',
  ].join('\n')
  expect(await spansOf('tracing', output)).toEqual({
    jolt: 2,
    'HyperKZG::prove': expect.closeTo(0.8345 + 12.3e-6 + 50e-9, 12),
  })
})

test('a pattern for each name', async () => {
  const output = 'msm: 200ms\nmsm: 0.3s\nopening took 12.5µs\nload: soon\n'
  const patterns = { msm: /^msm: (\S+)$/, opening: /^opening took (\S+)/, load: /^load: (\S+)/ }
  expect(await spansOf(patterns, output)).toEqual({
    msm: 0.5,
    opening: expect.closeTo(12.5e-6, 12),
    // The row says that this is no figure.
    load: NaN,
  })
})

test('a Chrome trace, complete or cut off', async () => {
  const file = join(await temporaryFolder(), 'trace.json')
  const events = [
    { name: 'msm', ph: 'X', ts: 0, dur: 2e6, pid: 1, tid: 1 },
    { name: 'prove', ph: 'B', ts: 0, pid: 1, tid: 2 },
    { name: 'iop', ph: 'B', ts: 1e6, pid: 1, tid: 2 },
    { name: 'iop', ph: 'E', ts: 1.5e6, pid: 1, tid: 2 },
    { ph: 'E', ts: 3e6, pid: 1, tid: 2 },
    { ph: 'E', ts: 3e6, pid: 1, tid: 3 },
  ]
  const expected = { msm: 2, prove: 3, iop: 0.5 }
  await writeFile(file, JSON.stringify({ traceEvents: events }))
  expect(await spansOf({ chromeTrace: 'trace' }, '', { trace: file })).toEqual(expected)
  await writeFile(file, `[${events.map((one) => JSON.stringify(one)).join(',\n')},\n`)
  expect(await spansOf({ chromeTrace: 'trace' }, '', { trace: file })).toEqual(expected)
  await writeFile(file, '{"traceEvents": [')
  await expect(spansOf({ chromeTrace: 'trace' }, '', { trace: file })).rejects.toThrow(SyntaxError)
})

test('a Chrome trace is of the phase that writes it alone', async () => {
  const trace = join(await temporaryFolder(), 'trace.json')
  await writeFile(trace, JSON.stringify([{ name: 'msm', ph: 'X', ts: 0, dur: 2e6 }]))
  const prover = commandProver({
    name: 'x',
    version: '1',
    counters: ['gates'],
    spans: { chromeTrace: 'trace' },
    phases: {
      compile: { cmd: ['x', 'compile'] },
      prove: { cmd: ['x', 'prove', '{trace}'], artifacts: { trace: { file: 'trace.json' } } },
      verify: { cmd: ['x', 'verify'] },
    },
  })
  expect(await prover.read('gates=12', 'compile', {})).toEqual({ counters: { gates: 12 } })
  expect(await prover.read('', 'prove', { trace })).toEqual({ spans: { msm: 2 } })
  expect(await prover.read('', 'verify', { trace })).toEqual({})
})

test('a Chrome trace that nothing writes, or of a process that several phases share, is refused', () => {
  const define = (artifacts: Record<string, { file: string }>) =>
    commandProver({
      name: 'x',
      version: '1',
      spans: { chromeTrace: 'trace' },
      phases: {
        compile: { cmd: ['x', '{iterations}'], bounds: 'waits' },
        prove: { bounds: 'waits', artifacts },
      },
    })
  expect(() => define({ trace: { file: 'trace.json' } })).toThrow(
    /^prover x: spans: the Chrome trace trace is of a whole process, and prove is a part of one: .*'tracing'$/,
  )
  expect(() => define({})).toThrow(/spans: no artifact is called trace/)
})

test('a span is a metric that a budget may name', async () => {
  const rows = makeGateRows({ seed: 1 }).map((row) => ({ ...row, spans: { msm: 0.5 } }))
  const report = judgeRows({
    now: rows,
    base: rows,
    budgets: ['spans.msm@prove=0.4', 'spans.msm@verify=0.6'],
  })
  const own = report.checks.filter(({ metric }) => metric.startsWith('spans.'))
  expect(new Set(own.map(({ metric, phase, verdict }) => `${metric} ${phase} ${verdict}`))).toEqual(
    new Set(['spans.msm prove regression', 'spans.msm verify ok']),
  )
})

test('the card names the parts of a phase with their share', async () => {
  const rows = makeGateRows({ seed: 1 }).map((row) => ({ ...row, spans: { msm: row.time_s! / 4, load: 0 } }))
  const file = join(await temporaryFolder(), 'rows.jsonl')
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const { stdout } = await execa(process.execPath, ['src/cli.ts', 'summary', file])
  expect(stdout).toMatch(/in prove +msm \d\.\d+ s \(25(\.0)? %\) · load 0/)
})

test('spans are read from lines that end as on Windows, and beside lines of any length', async () => {
  const patterns = { msm: /^msm took (\d+ms)$/ }
  expect(await spansOf(patterns, '10 %\r20 %\rmsm took 200ms\r\nmsm took 50ms\r\n')).toEqual({ msm: 0.25 })
  const long = 'x'.repeat(2 ** 20)
  const output = `${long}\r\nINFO jolt: close time.busy=1.50s time.idle=500ms\r\n${long}`
  expect(await spansOf('tracing', output)).toEqual({ jolt: 2 })
})
