import { rowSchema, type Phase } from '../row/schema.ts'
import type { Files, PhaseReport, Prover } from './contract.ts'

export interface ReadReport {
  report: PhaseReport
  /** What is wrong with the output, each with its code. */
  warnings: string[]
}

/**
 * Reads a prover's report from its output. It never throws, however broken the output, the reader or its result:
 * invalid figures are left out and named.
 */
export async function readReport(
  prover: Prover,
  phase: Phase,
  output: string,
  files: Files,
): Promise<ReadReport> {
  let raw: PhaseReport
  try {
    raw = (await prover.read(output, phase, files)) ?? {}
  } catch (error) {
    return { report: {}, warnings: [unreadable(`output of ${phase}`, error)] }
  }
  const dropped: string[] = []
  const keep = (values: unknown, isGood: (value: unknown, key: string) => boolean) => {
    const entries = Object.entries((values ?? {}) as Record<string, unknown>)
    const [good, bad] = [true, false].map((wanted) => entries.filter(([key, v]) => isGood(v, key) === wanted))
    dropped.push(...bad!.map(([key]) => key))
    return Object.fromEntries(good!)
  }
  const { counters, extra, spans, refused, ...figures } = raw
  const report = {
    ...keep(dropAbsent(figures), isMeasure),
    ...(typeof refused === 'string' ? { refused } : {}),
    ...(counters === undefined ? {} : { counters: keep(counters, Number.isFinite) }),
    ...(spans === undefined ? {} : { spans: keep(dropAbsent(spans), isMeasure) }),
    ...(extra === undefined ? {} : { extra: keep(dropAbsent(extra), isExtra) }),
  } as PhaseReport
  return { report, warnings: dropped.map((name) => unreadable(name, 'no figure that a row can hold')) }
}

function dropAbsent(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function isMeasure(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** What a prover printed must not overwrite a field of the row. */
function isExtra(value: unknown, key: string): boolean {
  return !(key in rowSchema.shape) && (typeof value === 'string' || Number.isFinite(value))
}

function unreadable(what: string, why: unknown): string {
  return `OUTPUT_UNREADABLE: ${what}: ${why instanceof Error ? why.message : String(why)}`
}
