import { readFile } from 'node:fs/promises'
import { getOrAdd } from '../row/collections.ts'
import type { Files } from './contract.ts'
import { plainLines, readLastSeconds } from './counters.ts'
import { parseSeconds } from './number.ts'

/**
 * Where durations inside a phase are found: `'tracing'` for the lines that Rust's tracing prints as spans close, a
 * pattern for each name whose first group is the duration (matches of one name are added up), or `chromeTrace` with the
 * artifact that is a Chrome trace.
 */
export type SpanSource = 'tracing' | Readonly<Record<string, RegExp>> | { chromeTrace: string }

/** Durations by name, s. */
type Spans = Record<string, number>

/** The artifact that is a Chrome trace. */
export function traceOf(source: SpanSource | undefined): string | undefined {
  const isTrace = typeof source === 'object' && typeof source['chromeTrace'] === 'string'
  return isTrace ? source['chromeTrace'] : undefined
}

/**
 * The spans of a phase, from its output or from the trace among the files that it has written; undefined without one.
 * @throws Error for a trace that cannot be read
 */
export async function readSpans(
  source: SpanSource,
  output: string,
  written: Files,
): Promise<Spans | undefined> {
  if (source === 'tracing') return readTracing(plainLines(output))
  const trace = traceOf(source)
  if (trace !== undefined) {
    return written[trace] === undefined ? undefined : readChromeTrace(await readFile(written[trace], 'utf8'))
  }
  const spans: Spans = {}
  const lines = plainLines(output)
  for (const [name, pattern] of Object.entries(source as Readonly<Record<string, RegExp>>)) {
    const found = lines.flatMap((line) => readLastSeconds(line, pattern) ?? [])
    if (found.length) spans[name] = found.reduce((sum, own) => sum + own, 0)
  }
  return spans
}

/** The spans that a source looks for; `spans` if only the output can show them. */
export function namesOfSpans(source: SpanSource | undefined): string[] {
  if (source === 'tracing' || traceOf(source) !== undefined) return ['spans']
  return Object.keys(source ?? {}).map((name) => `spans.${name}`)
}

/** The lines that a source looks at, which are kept however long the output gets. */
export function linesOfSpans(source: SpanSource | undefined): RegExp[] {
  if (source === 'tracing') return [BUSY]
  return Object.values(source ?? {}).filter((pattern) => pattern instanceof RegExp)
}

const BUSY = /\btime\.busy=/
/** `… outer{a=1}:inner: target: close time.busy=1.2ms time.idle=3.4µs`: the innermost span is the one that closed. */
const CLOSE = /^\s*(\S.*?): (?:\S+: )?close\b.*?\btime\.busy=(\S+)(?: time\.idle=(\S+))?/

/** How long each span was open: busy plus idle time. */
function readTracing(lines: readonly string[]): Spans {
  const spans: Spans = {}
  for (const line of lines) {
    if (!BUSY.test(line)) continue
    const [, path = '', busy = '', idle = '0'] = CLOSE.exec(line) ?? []
    const times = [busy, idle].map((own) => parseSeconds(own.replace(/[,;]$/, '')))
    const name = nameOfSpan(path)
    if (!name || times.some((own) => own === undefined)) continue
    spans[name] = (spans[name] ?? 0) + times[0]! + times[1]!
  }
  return spans
}

/** The last span of `2026-11-26T18:00:00Z  INFO outer{a=1}:HyperKZG::prove{n=2}`. */
function nameOfSpan(path: string): string {
  const names = path
    .replaceAll(/\{[^{}]*\}/g, '')
    .split(/\s+/)
    .at(-1)!
  return names.split(/(?<!:):(?!:)/).findLast(Boolean) ?? ''
}

interface TraceEvent {
  name?: unknown
  ph?: unknown
  /** Microseconds. */
  ts?: unknown
  dur?: unknown
  pid?: unknown
  tid?: unknown
}

/** Complete events (`X`) and pairs of begin and end (`B`, `E`) on one thread. */
function readChromeTrace(text: string): Spans {
  // The trace of a program that was ended has no closing bracket, which the format allows.
  const data = parseTrace(text)
  const events = (
    Array.isArray(data) ? data : ((data as { traceEvents?: unknown[] })?.traceEvents ?? [])
  ) as TraceEvent[]
  const spans: Spans = {}
  const open = new Map<string, { name: string; ts: number }[]>()
  const add = (name: string, us: number) => (spans[name] = (spans[name] ?? 0) + us / 1e6)
  for (const { name, ph, ts, dur, pid, tid } of events) {
    if (ph === 'X' && typeof name === 'string' && typeof dur === 'number') add(name, dur)
    if (typeof ts !== 'number' || (ph !== 'B' && ph !== 'E')) continue
    const key = `${String(pid)} ${String(tid)}`
    const stack = getOrAdd(open, key, () => [])
    if (ph === 'B') stack.push({ name: String(name), ts })
    else {
      const begun = stack.pop()
      if (begun) add(begun.name, ts - begun.ts)
    }
  }
  return spans
}

function parseTrace(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const open = text.trimEnd().replace(/,$/, '')
    if (!open.startsWith('[') || open.endsWith(']')) throw error
    return JSON.parse(`${open}]`)
  }
}
