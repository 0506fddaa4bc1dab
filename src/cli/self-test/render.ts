import { type Certificate, type Claim, describeScenario } from '../../gate/self-test/certify.ts'
import { type RealCertificate, STEADY } from './certify-here.ts'
import { TRIAL_LIMIT } from './trial.ts'

const percent = (part: number) => `${Number((100 * part).toFixed(1))} %`
const grown = (part: number) => (part === 0 ? 'none' : `+${percent(part)}`)

/** The certificate as Markdown, which is also readable on a terminal. */
export function renderCertificate(simulated: Certificate, real: RealCertificate): string {
  return [
    ...renderSimulated(simulated),
    '',
    ...renderReal(real),
    '',
    ...[...simulated.claims, ...real.claims].map(renderClaim),
  ].join('\n')
}

function renderSimulated({ outcomes }: Certificate): string[] {
  const rows = outcomes.map((outcome) => {
    const { slowdown, budget, gates, runs, falseAlarms, ok, unchanged, found, hidden } = outcome
    return [
      describeScenario(outcome),
      `${gates} of ${budget}`,
      grown(slowdown),
      String(runs),
      percent(falseAlarms / runs),
      percent(ok / unchanged),
      ...(slowdown === 0 ? ['', ''] : [percent(found / runs), percent(hidden / runs)]),
    ]
  })
  const head = [
    'simulated',
    'budgets',
    'slowdown of one',
    'comparisons',
    'with a false regression',
    'unchanged times ok',
    'slowdown found',
    'slowdown ok',
  ]
  return [renderTable([head, ...rows])]
}

function renderReal({ cores, load, n, tests, spread, outcomes }: RealCertificate): string[] {
  const of = (part: number, all: number) => `${part} of ${all}`
  const rows = outcomes.map((outcome) => {
    const { slowdown, runs, falseAlarms, slowed, found, steady, steadyFound, countersFound } = outcome
    const alarms = [grown(slowdown), TRIAL_LIMIT, of(falseAlarms, runs)]
    return slowdown === 0
      ? [...alarms, '', '', '']
      : [...alarms, of(found, slowed), of(steadyFound, steady), of(countersFound, runs)]
  })
  const head = [
    'slowdown of all phases',
    'limit',
    'runs with a false alarm',
    'slowed phases found',
    `those with an sd of at most ${percent(STEADY)}`,
    'counter + 1 found',
  ]
  return [
    `On this machine (${cores} cores, load average ${load.toFixed(1)}), a fixture prover in turns with itself: ${tests} tests in each run, n = ${n} on both sides. The sd of its times was ${percent(spread)} (median over the phases).`,
    '',
    renderTable([head, ...rows]),
  ]
}

function renderClaim(claim: Claim): string {
  if (claim.verdict === 'not_judged') return `- NOT JUDGED: ${claim.text}; ${claim.why}`
  return `- ${claim.verdict === 'holds' ? 'holds' : 'DOES NOT HOLD'}: ${claim.text}`
}

function renderTable(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const [head, ...rest] = cells
  return [line(head!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join(
    '\n',
  )
}
