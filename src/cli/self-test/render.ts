import type { Certificate } from '../../gate/self-test/certify.ts'
import { NOISE } from '../../gate/self-test/noise.ts'
import type { RealCertificate } from './certify-here.ts'

const percent = (part: number) => `${Number((100 * part).toFixed(1))} %`

/** The certificate as Markdown, which reads as well on a terminal. */
export function renderCertificate({ outcomes, claims }: Certificate, real: RealCertificate): string {
  const [first] = outcomes
  const rows = outcomes.map(({ slowdown, budget, runs, falseAlarms, found, countersFound }) => [
    slowdown === 0 ? 'none' : `+${percent(slowdown)}`,
    budget,
    percent(falseAlarms / runs),
    slowdown === 0 ? '' : percent(found / runs),
    slowdown === 0 ? '' : percent(countersFound / runs),
  ])
  const head = [
    'slowdown of one time',
    'limit',
    'runs with a false alarm',
    'slowdown found',
    'counter + 1 found',
  ]
  const { spread, drift, outliers, outlierLeast, outlierMean } = NOISE
  const { outcome } = real
  return [
    `${first?.runs} simulated runs of each kind, with ${first?.gates} times and ${first?.gates} counters, n = ${first?.n} on both sides. Noise: log-normal with an sd of ${percent(spread)}, a drift of ${percent(drift)} alike on both sides, and ${percent(outliers)} of the repetitions slowed by ${percent(outlierLeast)} and, on average, ${percent(outlierMean)} more.`,
    '',
    renderTable([head, ...rows]),
    '',
    `On this machine (${outcome.cores} cores, load average ${outcome.load.toFixed(1)}), a fixture prover in turns with itself: ${outcome.runs} runs without a change and ${outcome.runs} with one, ${outcome.tests} tests each, n = 10: false alarms in ${outcome.falseAlarms} runs, ${outcome.found} of ${outcome.slowed} slowed phases found, the counter found in ${outcome.countersFound} runs.`,
    '',
    ...[...claims, ...real.claims].map(
      ({ text, holds }) => `- ${holds ? 'holds' : 'DOES NOT HOLD'}: ${text}`,
    ),
  ].join('\n')
}

function renderTable(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const [head, ...rest] = cells
  return [line(head!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join(
    '\n',
  )
}
