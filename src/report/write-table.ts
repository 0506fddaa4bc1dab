import { cleanText } from '../render/format.ts'
import { escapeMarkdown } from '../render/gate-markdown.ts'
import { describeMetric, formatNumber, type MetricId } from '../row/metrics.ts'
import { PHASES } from '../row/schema.ts'
import { BYTE_ORDER_MARK, quote } from './export-rows.ts'
import type { PaperFigure, PaperLine, PaperTable } from './paper-table.ts'

export const TABLE_FORMATS = ['markdown', 'latex', 'csv'] as const
export type TableFormat = (typeof TABLE_FORMATS)[number]

/** The text of a table in a format. Texts of rows are text in every format, whatever they hold. */
export const writeTable = (table: PaperTable, format: TableFormat): string => WRITERS[format](table)

const WRITERS: Record<TableFormat, (table: PaperTable) => string> = {
  markdown: writeMarkdown,
  latex: writeLatex,
  csv: writeTableCsv,
}

const MAX_TEXT = 200

/** The columns that name a line, left out where they say nothing. */
function listNames(lines: readonly PaperLine[]): { head: string; read: (line: PaperLine) => string }[] {
  const varies = (read: (line: PaperLine) => string | null) => new Set(lines.map(read)).size > 1
  const names: [boolean, string, (line: PaperLine) => string | null][] = [
    [varies(({ track }) => track), 'track', ({ track }) => track],
    [true, 'point', ({ point }) => point],
    [lines.some(({ label }) => label), 'prover', ({ label }) => label],
    // Published figures have their machine in their name.
    [
      new Set(lines.filter(({ isReported }) => !isReported).map(({ machine }) => machine)).size > 1,
      'machine',
      ({ machine }) => machine,
    ],
    [varies(countRuns), 'runs', countRuns],
    [varies(describeN) || lines.some(({ n }) => new Set(Object.values(n)).size > 1), 'n', describeN],
  ]
  return names.flatMap(([isShown, head, read]) =>
    isShown ? [{ head, read: (line) => read(line) ?? '—' }] : [],
  )
}

const countRuns = ({ runs }: PaperLine) => `${runs}`

/** `10`, or `1/10/10/10` where the phases, in order, differ. */
function describeN({ n }: PaperLine): string {
  const counts = PHASES.flatMap((phase) => n[phase] ?? [])
  return new Set(counts).size > 1 ? counts.join('/') : `${counts[0] ?? '—'}`
}

/** `prove (s)`, `prove memory (MB)`, `proof (bytes)`, `totalCost`. */
function headOf(id: MetricId): string {
  const { kind, unit, phase, of, name } = describeMetric(id)
  const own = { time: '', memory: ' memory', cpu: ' CPU' }[kind as string]
  const what = phase && own !== undefined ? `${phase}${own}` : (of ?? id)
  return `${what === id ? name : what}${unit ? ` (${unit})` : ''}`
}

/** `1.234 [1.200, 1.270]`. */
function showFigure(id: MetricId, figure: PaperFigure | undefined): string {
  if (!figure) return '—'
  const show = (value: number) => formatNumber(describeMetric(id).unit, value)
  const { median, lo, hi, spread } = figure
  if (lo === hi) return show(median)
  const ends = `${show(lo)}, ${show(hi)}`
  return `${show(median)} ${spread === 'interval' ? `[${ends}]` : `(${ends})`}`
}

function listSources({ machines, provers, commits, notes }: PaperTable): string[] {
  return [
    ...notes,
    ...(machines.length ? [`Measured on ${machines.join('; ')}.`] : []),
    ...(provers.length ? [`Versions: ${provers.join(', ')}.`] : []),
    ...(commits.length ? [`Commit: ${commits.join(', ')}.`] : []),
  ]
}

function writeMarkdown(table: PaperTable): string {
  const names = listNames(table.lines)
  const escape = (text: string) => escapeMarkdown(text, MAX_TEXT)
  const heads = [...names.map(({ head }) => head), ...table.columns.map(headOf)].map(escape)
  const rules = [...names.map(() => ':--'), ...table.columns.map(() => '--:')]
  const lines = table.lines.map((line) => [
    ...names.map(({ read }) => escape(read(line))),
    ...table.columns.map((id) => {
      const figure = line.figures.get(id)
      const text = escape(showFigure(id, figure))
      return figure?.isBest ? `**${text}**` : text
    }),
  ])
  const rows = [heads, rules, ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return `${rows.join('\n')}\n\n${listSources(table).map(escape).join(' ')}\n`
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': String.raw`\textbackslash{}`,
  '{': String.raw`\{`,
  '}': String.raw`\}`,
  '~': String.raw`\textasciitilde{}`,
  '^': String.raw`\textasciicircum{}`,
  '<': String.raw`\textless{}`,
  '>': String.raw`\textgreater{}`,
  '|': String.raw`\textbar{}`,
  '"': String.raw`\char34{}`,
  '`': String.raw`\textasciigrave{}`,
  '—': '---',
}

/** In square brackets at the start of a line, a figure would be taken for the argument of the line break before. */
function escapeLatex(text: string): string {
  return cleanText(text, MAX_TEXT).replaceAll(/[\\{}~^<>|"`—$&#_%]/g, (sign) => LATEX[sign] ?? `\\${sign}`)
}

function writeLatex(table: PaperTable): string {
  const names = listNames(table.lines)
  const heads = [...names.map(({ head }) => head), ...table.columns.map(headOf)]
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`
  return [
    '% needs \\usepackage{booktabs}',
    String.raw`\begin{table}`,
    String.raw`  \centering`,
    `  \\caption{${listSources(table).map(escapeLatex).join(' ')}}`,
    `  \\begin{tabular}{${'l'.repeat(names.length)}${'r'.repeat(table.columns.length)}}`,
    String.raw`    \toprule`,
    line(heads.map(escapeLatex)),
    String.raw`    \midrule`,
    ...table.lines.map((own) =>
      line([
        ...names.map(({ read }) => `{${escapeLatex(read(own))}}`),
        ...table.columns.map((id) => {
          const figure = own.figures.get(id)
          const text = escapeLatex(showFigure(id, figure))
          return figure?.isBest ? `\\textbf{${text}}` : text
        }),
      ]),
    ),
    String.raw`    \bottomrule`,
    String.raw`  \end{tabular}`,
    String.raw`\end{table}`,
    '',
  ].join('\n')
}

/** One line per point and variant, with plain numbers: the median of each figure, its ends and what they are. */
function writeTableCsv({ lines, columns, machines, provers, commits }: PaperTable): string {
  const heads = [
    'track',
    'point',
    'variant',
    'runs',
    'n',
    ...columns.flatMap((id) => [id, `${id} n`, `${id} low`, `${id} high`, `${id} spread`, `${id} best`]),
    'machine',
    'versions',
    'commit',
  ]
  const cells = lines.map((line) => [
    line.track,
    line.point,
    line.label,
    line.runs,
    describeN(line),
    ...columns.flatMap((id) => {
      const figure = line.figures.get(id)
      if (!figure) return [null, null, null, null, null, null]
      const { median, n, lo, hi, spread, isBest, runs } = figure
      return [median, n, lo, hi, `${spread} over ${runs > 1 ? 'runs' : 'iterations'}`, isBest]
    }),
    line.machine ?? machines.join('; '),
    provers.join(', '),
    commits.join(', '),
  ])
  return `${BYTE_ORDER_MARK}${[heads, ...cells].map((own) => `${own.map(quote).join(',')}\n`).join('')}`
}
