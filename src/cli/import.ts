import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import Papa from 'papaparse'
import { z } from 'zod'
import { refusePlan } from '../config/problems.ts'
import { type Problem, ProvemarkError } from '../errors.ts'
import { decodeText } from '../lib/text.ts'
import { countOf, suggestName } from '../lib/names.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { formatRow } from '../row/write.ts'
import { phaseKey, pointName } from '../row/identity.ts'
import { phaseSchema, type Row } from '../row/schema.ts'
import { COMMON, defineCommand } from './command.ts'

const FIGURES = ['time_s', 'mem_mb', 'proof_size_bytes'] as const
const COLUMNS = ['prover', 'model', 'point', 'phase', ...FIGURES, 'machine', 'source'] as const
type Column = (typeof COLUMNS)[number]
type Cells = Partial<Record<Column, string>>

const HINT = `columns: ${COLUMNS.join(', ')}; see docs/analysis.md`

const schema = z.object({
  output: COMMON.output.describe('JSONL file to write').default('reported.jsonl'),
  source: z.string().optional().describe('citation, for lines without a source'),
  machine: z.string().optional().describe('machine, for lines without one'),
  phase: phaseSchema.optional().describe('phase, for lines without one'),
})

export default defineCommand({
  description: 'Turns published figures into rows that are marked as reported, never pooled and never judged',
  operands: {
    name: 'TABLE',
    description: `CSV file; columns, any may be missing: ${COLUMNS.join(', ')}`,
    required: true,
  },
  options: schema,
  run({ options: { output, ...others }, operands: [file] }) {
    // Replacing a results file would lose measurements.
    if (extname(output) !== '.jsonl') {
      throw new ProvemarkError('CONFIG_INVALID', `--output: expected a .jsonl file, given ${output}`)
    }
    const rows = readTable(file!, others)
    writeWhole(output, rows.map(formatRow).join(''))
    for (const row of rows)
      console.log(`${row.phase} of ${row.prover?.name ?? 'an unknown prover'}: ${pointName(row)}`)
    console.log(`${output}: ${countOf(rows.length, 'published figure')}`)
  },
})

type Defaults = Omit<z.output<typeof schema>, 'output'>

/** @throws ProvemarkError ROWS_UNREADABLE, CONFIG_INVALID with every problem of the table */
function readTable(file: string, defaults: Defaults): Row[] {
  const { data, meta, errors } = Papa.parse<Cells>(readText(file), {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim(),
    transform: (cell) => cell.trim(),
  })
  const names = meta.fields ?? []
  const problems: Problem[] = names
    .filter((name) => !COLUMNS.some((known) => known === name))
    .map((name) => ({
      where: `column ${JSON.stringify(name)}`,
      expected: 'a known column',
      hint: suggestName(name, COLUMNS),
    }))
  for (const { row, message } of errors) {
    // A table of one column has no delimiter to detect.
    if (message.startsWith('Unable to auto-detect')) continue
    problems.push({
      where: `line ${(row ?? 0) + 2}`,
      expected: 'as many cells as there are columns',
      given: message,
    })
  }
  const seen = new Map<string, number>()
  const rows = data.map((cells, index) => {
    const line = `line ${index + 2}`
    const row = makeRow(cells, defaults, (problem) =>
      problems.push({ ...problem, where: `${line}, ${problem.where}` }),
    )
    const key = phaseKey(row)
    const other = problems.length ? undefined : seen.get(key)
    if (other !== undefined) {
      problems.push({
        where: line,
        expected: 'one figure for each phase of a point: name the points of a series in the column point',
        given: `the same prover, model, phase, machine and source as line ${other}`,
      })
    }
    seen.set(key, index + 2)
    return row
  })
  if (!data.length && !problems.length)
    throw new ProvemarkError('NO_ROWS', `${file} has no line below its header`, { hint: HINT })
  if (problems.length) throw refusePlan(problems, HINT)
  return rows
}

function readText(file: string): string {
  try {
    return decodeText(readFileSync(file))
  } catch (cause) {
    throw new ProvemarkError('ROWS_UNREADABLE', `cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
}

function makeRow(cells: Cells, defaults: Defaults, refuse: (problem: Problem) => void): Row {
  const figures = FIGURES.flatMap((column) => {
    const text = cells[column]
    if (!text) return []
    const value = /^\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN
    if (Number.isFinite(value)) return [[column, value] as const]
    refuse({
      where: column,
      expected: 'a number such as 237 or 0.26, without a unit',
      given: JSON.stringify(text),
    })
    return []
  })
  if (FIGURES.every((column) => !cells[column]))
    refuse({ where: FIGURES.join(', '), expected: 'at least one figure', given: 'nothing' })
  const phase = phaseSchema.safeParse(cells.phase || defaults.phase)
  if (!phase.success) {
    refuse({
      where: 'phase',
      expected: `${phaseSchema.options.join(', ')}; --phase is for lines without one`,
      given: cells.phase ? JSON.stringify(cells.phase) : 'nothing',
    })
  }
  const { prover, model, point } = cells
  return {
    schema: 1,
    phase: phase.success ? phase.data : 'prove',
    ...(point ? { point } : {}),
    ...(model ? { model } : {}),
    ...(prover ? { prover: { name: prover } } : {}),
    ...Object.fromEntries(figures),
    reported: {
      source: cells.source || defaults.source || null,
      machine: cells.machine || defaults.machine || null,
    },
  }
}
