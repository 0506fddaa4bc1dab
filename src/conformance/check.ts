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
