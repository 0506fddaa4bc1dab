/** One thing that a prover has to do, and whether it does. */
export interface Check {
  /** What it has to do, in words. */
  what: string
  result: 'passed' | 'failed' | 'not_applicable'
  /** What is wrong, or why it does not apply; empty where it passed. */
  detail: string
}

/** A check that fails with these faults, and passes where there are none. */
export function judge(what: string, faults: readonly string[]): Check {
  return { what, result: faults.length ? 'failed' : 'passed', detail: faults.join('; ') }
}

export function notApplicable(what: string, why: string): Check {
  return { what, result: 'not_applicable', detail: why }
}
