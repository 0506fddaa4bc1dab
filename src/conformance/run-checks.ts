import { join } from 'node:path'
import { digestArtifact, measureArtifact } from '../point/artifacts.ts'
import { INSIDE, isInside } from '../point/controls.ts'
import { phasesOf, type Prover } from '../prover/contract.ts'
import type { Row } from '../row/schema.ts'
import { otherDir, type HonestRun } from './subject.ts'

/** One requirement for a prover, and whether the prover meets it. */
export interface Check {
  /** The requirement, in words. */
  what: string
  result: 'passed' | 'failed' | 'not_applicable'
  /** What is wrong, or why the check does not apply; empty if it passed. */
  detail: string
}

/** A check that fails with these faults, or passes if there are none. */
export function judge(what: string, faults: readonly string[]): Check {
  return { what, result: faults.length ? 'failed' : 'passed', detail: faults.join('; ') }
}

export function notApplicable(what: string, why: string): Check {
  return { what, result: 'not_applicable', detail: why }
}

/** Each phase succeeds, in order, in each of its iterations. */
export function checkPhases(prover: Prover, { rows }: HonestRun): Check {
  const bad = rows.filter(({ status, error }) => status !== 'ok' && !CONTROL_CODES.has(error?.code ?? ''))
  const faults = bad
    .filter(({ error }) => error?.code !== 'EARLIER_PHASE_FAILED')
    .map(
      ({ phase, error }) =>
        `${phase}: ${error?.code}: ${error?.message}${error?.tail ? `\n${error.tail}` : ''}`,
    )
  const missing = phasesOf(prover).filter((phase) => !rows.some((row) => row.phase === phase))
  return judge('phases run in order and end well', [...faults, ...missing.map((phase) => `no ${phase}`)])
}

/** Separate checks report those. */
const CONTROL_CODES = new Set(['FORGERY_ACCEPTED', 'OUTPUT_MISMATCH'])

/** Every artifact that is not optional exists and is not empty. */
export async function checkArtifacts({ artifacts }: Prover, { dir }: HonestRun): Promise<Check> {
  const faults: string[] = []
  for (const [name, { file, optional }] of Object.entries(artifacts)) {
    const bytes = dir && (await measureArtifact(join(dir, file)))
    if (bytes === 0) faults.push(`${name} is empty`)
    else if (!bytes && !optional) faults.push(`${name} was not written`)
  }
  return judge('artifacts are there', faults)
}

/** All counters that the prover declares, including totalCost, with the same values in two compiles. */
export function checkCounters(prover: Prover, { rows }: HonestRun): Check {
  const [firstPhase] = phasesOf(prover)
  const compiles = rows.filter(({ phase }) => phase === firstPhase)
  const missing = new Set(compiles.flatMap((row) => listWarnings(row, 'COUNTER_MISSING')))
  const [first = {}, second = {}] = compiles.map(({ ecc }) => ecc ?? {})
  const what = 'counters are the same over two compiles'
  if (!prover.counters?.length && !Object.keys(first).length) return notApplicable(what, 'it declares none')
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])]
  const changed = names.filter((name) => first[name] !== second[name])
  return judge(what, [
    ...missing,
    ...('totalCost' in first || missing.size ? [] : ['totalCost was not reported']),
    ...changed.map((name) => `${name} was ${first[name]}, then ${second[name]}`),
  ])
}

function listWarnings({ warnings }: Row, start: string): string[] {
  return (warnings ?? []).filter((warning) => warning.startsWith(start))
}

/** What a prover says of its own time may miss what others measured by this share, and by this, s. */
const CLOCK_SHARE = 0.1
const CLOCK_S = 0.02

/** No phase says that it took longer than it did: another unit, or a lie. */
export function checkTimes({ rows }: HonestRun): Check {
  const what = 'its own times are not above the measured ones'
  const told = rows.filter(({ time_s_rust, time_source }) => time_s_rust != null || time_source === 'printed')
  if (!told.length) return notApplicable(what, 'it reports no time of its own')
  const faults = told.flatMap((row) => {
    const { phase, time_s: measured, time_s_rust: own } = row
    const isAbove = own != null && measured != null && own > measured * (1 + CLOCK_SHARE) + CLOCK_S
    return [
      ...(isAbove ? [`${phase} says ${own} s, ${measured} s were measured`] : []),
      ...listWarnings(row, `OUTPUT_UNREADABLE: ${phase} is printed to have taken`),
    ]
  })
  return judge(what, faults)
}

/** What is declared to be the same in every run is the same in two iterations. */
export async function checkDeterminism({ artifacts }: Prover, { dir }: HonestRun): Promise<Check> {
  const what = 'deterministic artifacts are the same over two iterations'
  const declared = Object.entries(artifacts).filter(([, { deterministic }]) => deterministic)
  if (!declared.length) return notApplicable(what, 'none is declared')
  if (!dir) return judge(what, ['compile did not run'])
  const faults: string[] = []
  for (const [artifact, { file, deterministic }] of declared) {
    const measure = deterministic === 'size' ? measureArtifact : digestArtifact
    const [first, second] = await Promise.all(
      [dir, otherDir(dir)].map((folder) => measure(join(folder, file))),
    )
    if (first !== second) faults.push(`${artifact}: ${first}, then ${second}`)
  }
  return judge(what, faults)
}

const NO_VERIFY = 'the prover has no verify'

/** A forged proof or output is rejected, with an exit code that says so. */
export function checkForgery(
  { tamper = {}, phases }: Prover,
  { rows }: HonestRun,
  target: 'proof' | 'output',
): Check {
  const what = `a forged ${target} is rejected`
  if (!phases.verify) return notApplicable(what, NO_VERIFY)
  if (isInside({ phases })) return notApplicable(what, INSIDE)
  if (!tamper[target]) return notApplicable(what, `the prover does not say how to forge its ${target}`)
  const verify = rows.find(({ phase }) => phase === 'verify')
  const result = verify?.controls?.[target] ?? 'no verify succeeded'
  const why = (verify?.warnings ?? []).filter((warning) => warning.includes(`forged ${target}`))
  return judge(what, result === 'rejected' ? [] : [[result, ...why].join(': ')])
}

/** The proved output is that of the model. */
export function checkOutput({ provedOutput, phases }: Prover, { rows }: HonestRun): Check {
  const what = 'the proved output is that of the float model'
  if (!phases.verify) return notApplicable(what, NO_VERIFY)
  if (!provedOutput) return notApplicable(what, 'the prover does not say what its proof states')
  const verify = rows.find(({ phase }) => phase === 'verify')
  if (typeof verify?.output_max_abs_error !== 'number')
    return judge(what, verify?.warnings?.length ? verify.warnings : ['no verify succeeded'])
  return judge(what, verify.error?.code === 'OUTPUT_MISMATCH' ? [verify.error.message] : [])
}
