import type { Check, GateReport } from './verdict.ts'

const ORDER = ['failed', 'regression', 'missing', 'undecided', 'not_comparable', 'finding', 'improved', 'ok']

/** `1 regression, 2 undecided, 14 ok; 12 tests share alpha 0.01; exit code 1`. */
export function summarizeReport({ counts, tests, alpha, exit_code }: GateReport): string {
  const named = ORDER.flatMap((verdict) =>
    counts[verdict] ? [`${counts[verdict]} ${verdict.replaceAll('_', ' ')}`] : [],
  )
  const shared = tests ? [`${tests} ${tests === 1 ? 'test has' : 'tests share'} alpha ${alpha}`] : []
  return [named.join(', ') || 'nothing was judged', ...shared, `exit code ${exit_code}`].join('; ')
}

/** Why checks came out as they did, each reason once with the places that it holds for. */
export function groupReasons(checks: readonly Check[]): { reason: string; checks: Check[] }[] {
  const withReason = checks.filter(({ reason }) => reason !== null)
  const groups = Map.groupBy(withReason, ({ verdict, reason }) => `${verdict} ${reason}`)
  return [...groups.values()].map((own) => ({ reason: own[0]!.reason!, checks: own }))
}
