import { cleanText } from '../render/format.ts'
import { escapeMarkdown } from '../render/gate-markdown.ts'
import { describeMetric, formatNumber, type MetricId } from '../row/metrics.ts'
import { PHASES } from '../row/schema.ts'
import { BYTE_ORDER_MARK, quote } from './export-rows.ts'
import type { PaperFigure, PaperLine, PaperTable } from './paper-table.ts'

export const TABLE_FORMATS = ['markdown', 'latex', 'csv'] as const
export type TableFormat = (typeof TABLE_FORMATS)[number]

/** A table as text in one of the formats. Texts from rows are escaped in every format, whatever they contain. */
export const writeTable = (table: PaperTable, format: TableFormat): string =>
  ({ markdown: writeMarkdown, latex: writeLatex, csv: writeTableCsv })[format](table)

const MAX_TEXT = 200
/** Longest sentence, since one may list many machines or versions. */
const MAX_SENTENCE = 4000

interface NameColumn {
  head: string
  read: (line: PaperLine) => string
}

/** The columns that name a line; a column that says nothing is left out. */
function listNames(lines: readonly PaperLine[]): NameColumn[] {
  const varies = (read: (line: PaperLine) => string | null, own = lines) => new Set(own.map(read)).size > 1
  const column = (head: string, read: (line: PaperLine) => string | null, isShown: boolean): NameColumn[] =>
    isShown ? [{ head, read: (line) => read(line) ?? '—' }] : []
  const machineOf = ({ machine }: PaperLine) => machine
  // Published figures have their machine in their name.
  const measured = lines.filter(({ isReported }) => !isReported)
  const hasUnequalN = lines.some(({ n }) => new Set(Object.values(n)).size > 1)
  return [
    ...column(
      'track',
      ({ track }) => track,
      varies(({ track }) => track),
    ),
    ...column('point', ({ point }) => point, true),
    ...column(
      'prover',
      ({ label }) => label,
      lines.some(({ label }) => label),
    ),
    ...column('machine', machineOf, varies(machineOf, measured)),
    ...column('runs', countRuns, varies(countRuns)),
    ...column('n', describeN, varies(describeN) || hasUnequalN),
  ]
}

const countRuns = ({ runs }: PaperLine) => `${runs}`

/** `10`, or `1/10/10/10` if the phases, in order, differ. */
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

/** What a reader has to know about the figures. */
function describeSources(
  { machines, provers, commits, notes }: PaperTable,
  escape: (text: string, max: number) => string,
): string {
  const sentences = [
    ...notes,
    ...(machines.length ? [`Measured on ${machines.join('; ')}.`] : []),
    ...(provers.length ? [`Versions: ${provers.join(', ')}.`] : []),
    ...(commits.length ? [`Commit: ${commits.join(', ')}.`] : []),
  ]
  return sentences.map((text) => escape(text, MAX_SENTENCE)).join(' ')
}

interface Cells {
  heads: string[]
  /** How many of the columns name a line. */
  names: number
  lines: string[][]
}

/** The cells of a table as text of a format. */
function fillCells(
  { lines, columns }: PaperTable,
  { name, figure, best }: Record<'name' | 'figure' | 'best', (text: string) => string>,
): Cells {
  const names = listNames(lines)
  return {
    heads: [...names.map(({ head }) => head), ...columns.map(headOf)].map(figure),
    names: names.length,
    lines: lines.map((line) => [
      ...names.map(({ read }) => name(read(line))),
      ...columns.map((id) => {
        const own = line.figures.get(id)
        const text = figure(showFigure(id, own))
        return own?.isBest ? best(text) : text
      }),
    ]),
  }
}

function writeMarkdown(table: PaperTable): string {
  const escape = (text: string) => escapeMarkdown(text, MAX_TEXT)
  const { heads, names, lines } = fillCells(table, {
    name: escape,
    figure: escape,
    best: (text) => `**${text}**`,
  })
  const rules = heads.map((_, i) => (i < names ? ':--' : '--:'))
  const rows = [heads, rules, ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return `${rows.join('\n')}\n\n${describeSources(table, escapeMarkdown)}\n`
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

/** At the start of a line, LaTeX would take square brackets for the argument of the preceding line break. */
function escapeLatex(text: string, max: number): string {
  return cleanText(text, max).replaceAll(/[\\{}~^<>|"`—$&#_%]/g, (sign) => LATEX[sign] ?? `\\${sign}`)
}

function writeLatex(table: PaperTable): string {
  const escape = (text: string) => escapeLatex(text, MAX_TEXT)
  const { heads, names, lines } = fillCells(table, {
    name: (text) => `{${escape(text)}}`,
    figure: escape,
    best: (text) => `\\textbf{${text}}`,
  })
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`
  return [
    '% needs \\usepackage{booktabs}',
    String.raw`\begin{table}`,
    String.raw`  \centering`,
    `  \\caption{${describeSources(table, escapeLatex)}}`,
    `  \\begin{tabular}{${heads.map((_, i) => (i < names ? 'l' : 'r')).join('')}}`,
    String.raw`    \toprule`,
    line(heads),
    String.raw`    \midrule`,
    ...lines.map(line),
    String.raw`    \bottomrule`,
    String.raw`  \end{tabular}`,
    String.raw`\end{table}`,
    '',
  ].join('\n')
}

/**
 * One line per point and variant, with plain numbers: the median of each figure, the ends of its interval and what they
 * are.
 */
function writeTableCsv({ lines, columns, machines, provers, commits }: PaperTable): string {
  const heads = [
    'track',
    'point',
    'variant',
    'runs',
    'n',
    'disturbed',
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
    line.disturbed,
    ...columns.flatMap((id) => {
      const figure = line.figures.get(id)
      if (!figure) return Array<null>(6).fill(null)
      const { median, n, lo, hi, spread, isBest, runs } = figure
      return [median, n, lo, hi, `${spread} over ${runs > 1 ? 'runs' : 'iterations'}`, isBest]
    }),
    line.machine ?? machines.join('; '),
    provers.join(', '),
    commits.join(', '),
  ])
  return `${BYTE_ORDER_MARK}${[heads, ...cells].map((own) => `${own.map(quote).join(',')}\n`).join('')}`
}
