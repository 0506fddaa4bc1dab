import type { Check, GateReport } from './verdict.ts'

const ORDER = [
  'failed',
  'regression',
  'warned',
  'missing',
  'undecided',
  'not_comparable',
  'finding',
  'improved',
  'ok',
]

/** `1 regression, 2 undecided, 14 ok; 12 tests share alpha 0.01; exit code 1`. */
export function summarizeReport({ checks, tests, alpha, exit_code }: GateReport): string {
  const byName = Map.groupBy(checks, nameVerdict)
  const counted = ORDER.flatMap((name) => {
    const own = byName.get(name)
    return own ? [`${own.length} ${name.replaceAll('_', ' ')}`] : []
  })
  const shared = tests ? [`${tests} ${tests === 1 ? 'test has' : 'tests share'} alpha ${alpha}`] : []
  return [counted.join(', ') || 'nothing was judged', ...shared, `exit code ${exit_code}`].join('; ')
}

/** What passed a limit that only warns is no regression beside an exit code of 0. */
function nameVerdict({ verdict, level }: Check): string {
  return verdict === 'regression' && level === 'warn' ? 'warned' : verdict
}

/** Why checks came out as they did, each reason once with the places that it holds for. */
export function groupReasons(checks: readonly Check[]): { reason: string; checks: Check[] }[] {
  const withReason = checks.filter(({ reason }) => reason !== null)
  const groups = Map.groupBy(withReason, ({ verdict, reason }) => `${verdict} ${reason}`)
  return [...groups.values()].map((own) => ({ reason: own[0]!.reason!, checks: own }))
}
