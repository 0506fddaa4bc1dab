import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { fieldsOf } from '../config/fields.ts'
import { commandSchema } from '../config/flags.ts'
import { gateSchema } from '../gate/options.ts'
import { printableName } from '../lib/text.ts'
import { ProvemarkError } from '../errors.ts'
import { runSchema } from '../plan/options.ts'
import { loadProver, PROVER_NAMES } from '../prover/registry.ts'
import { DamagedLines } from '../row/read.ts'
import { readOutcome } from '../row/outcome.ts'
import { parseRunSelection, readRunBatches } from '../row/runs.ts'
import { PHASES, type Phase, type Row } from '../row/schema.ts'
import { COMMON, defineCommand } from './command.ts'
import { compareFiles } from './compare.ts'
import { runVitest } from './run-vitest.ts'

export default defineCommand({
  description:
    "Repeats the run of a results file with this project's own provers, tracks and bench files, and compares",
  operands: { name: 'FILE', description: 'JSONL file: npx provemark rerun rows.jsonl', required: true },
  options: z.object({
    output: COMMON.output.describe('JSONL file for the new rows').default('benchmarking/rerun.jsonl'),
    run: COMMON.run.describe('the run to repeat: an id; default: the last of the file'),
    dry_run: z.boolean().default(false).describe('print what would run, and run nothing'),
  }),
  async run({ options, operands: [file] }) {
    const given = await readRun(file!, options.run)
    const plans = [...Map.groupBy(given, ({ track }) => track ?? '')].map(([track, rows]) =>
      planTrack(track, rows),
    )
    const runId = `rerun-${randomUUID()}`
    const calls = await Promise.all(plans.map((plan) => makeFlags(plan, options.output, runId)))
    const notes = new Set([...plans.flatMap((plan) => plan.notes), ...noteCommands(given)])
    for (const note of notes) console.error(`not taken from the file: ${note}`)
    for (const flags of calls) console.error(`npx vitest bench -- ${flags.map(quote).join(' ')}`)
    if (options.dry_run) return
    let worst = 0
    for (const flags of calls) worst = Math.max(worst, await runVitest(['bench', '--', ...flags]))
    process.exitCode = worst
    // What failed to run has said why, and left nothing to compare.
    if (worst === 2) return
    const own = await readRun(options.output, runId)
    for (const line of listDifferences(given, own)) console.log(line)
    await compareFiles([file!, options.output])
    process.exitCode = Math.max(worst, Number(process.exitCode ?? 0))
  },
})

/** Most iterations of a phase that a file may ask for. */
const MAX_ITERATIONS = 1000
/** What may stand in a flag. A file is data from a stranger: paths, commas and leading dashes could change its meaning. */
const NAME = /^\w[\w.+-]{0,199}$/
/** A number or a plain word. Dots stand between digits only: any other word with a dot may name a file. */
const VALUE = /^(?:[\w:+-]|(?<=\d)\.(?=\d)){1,100}$/

/** JSON objects are not values, and some of them cannot even be converted to text. */
const isValue = (value: unknown) => typeof value !== 'object' && VALUE.test(String(value))

interface TrackPlan {
  track: string
  points: string[]
  iterations: Map<Phase, number>
  provers: Map<string, Row['settings']>
  params: Record<string, unknown>
  seed: number | undefined
  inputValues: string | undefined
  /** Whether the rows are of a comparison, whose two provers took turns. */
  inTurns: boolean
  pageCache: 'cold' | 'warm' | undefined
  /** What the file asks for but is not done. */
  notes: string[]
}

async function readRun(file: string, run: string | undefined): Promise<Row[]> {
  const rows: Row[] = []
  const { onProblem } = new DamagedLines(console.error)
  for await (const batch of readRunBatches([file], parseRunSelection(run), { onProblem })) rows.push(...batch)
  const measured = rows.filter((row) => !row.reported)
  if (!measured.length) {
    throw new ProvemarkError('NO_ROWS', `no row of a run in ${file}`, {
      hint: 'name a results file that vitest bench wrote',
    })
  }
  return measured
}

function planTrack(track: string, rows: readonly Row[]): TrackPlan {
  const origin = rows.find((row) => row.made_of)?.made_of
  const plan: TrackPlan = {
    track,
    points: [],
    iterations: new Map(),
    provers: new Map(),
    params: origin?.track ?? {},
    seed: origin?.seed,
    inputValues: origin?.input_values,
    inTurns: ['a', 'b'].every((own) => rows.some(({ side }) => side === own)),
    pageCache: (['cold', 'warm'] as const).find((state) => rows.some((row) => row.page_cache === state)),
    notes: [],
  }
  if (!NAME.test(track))
    throw refuse(`the track ${JSON.stringify(printableName(track))} has a name that no track has`)
  for (const { point, phase, iteration, prover, settings, side } of rows) {
    const id = point ?? ''
    if (!NAME.test(id))
      throw refuse(`the point ${JSON.stringify(printableName(id))} has a name that no point has`)
    if (!plan.points.includes(id)) plan.points.push(id)
    plan.iterations.set(
      phase,
      Math.min(MAX_ITERATIONS, Math.max(plan.iterations.get(phase) ?? 1, iteration ?? 1)),
    )
    const name = prover?.name ?? ''
    if (PROVER_NAMES.includes(name))
      plan.provers.set(`${side} ${name} ${JSON.stringify(settings)}`, { ...settings, name })
    else plan.notes.push(`prover ${printableName(name)}: the provers of this project's config run instead`)
  }
  return plan
}

function refuse(message: string): ProvemarkError {
  return new ProvemarkError('ROWS_UNREADABLE', message, { hint: 'this file was not written by a run' })
}

/** Commands and launchers of a file are somebody else's: they are shown, and never run. */
function noteCommands(rows: readonly Row[]): string[] {
  const launchers = new Set(
    rows.flatMap(({ settings }) => (settings?.['launcher'] ? [JSON.stringify(settings['launcher'])] : [])),
  )
  return [...launchers].map((launcher) => `launcher ${printableName(launcher)}`)
}

/** Parameters of the package's own tracks that name files: a file may have any name. */
const FILE_PARAMS = ['model', 'workload', 'input']

/** What must not be set by what a file calls a parameter: options of a run, and files. */
const RESERVED = new Set([
  ...[runSchema, commandSchema, gateSchema].flatMap((schema) =>
    fieldsOf(schema).flatMap(({ key, flag, alias = key }) => [key, flag, alias].map(keyOfFlag)),
  ),
  ...FILE_PARAMS,
])

/** `no_controls` is the flag `--no-controls`. */
const isReserved = (key: string) => RESERVED.has(key.replace(/^no_/, ''))

async function makeFlags(plan: TrackPlan, results: string, runId: string): Promise<string[]> {
  const { track, points, iterations, provers, params, seed, inputValues, pageCache, notes } = plan
  const counts = PHASES.flatMap((phase) =>
    iterations.has(phase) ? [`${phase}=${iterations.get(phase)}`] : [],
  )
  const flags = ['--sweep', track, '--points', points.join(','), '--iterations', counts.join(',')]
  flags.push('--results', results, '--run-id', runId)
  if (Number.isSafeInteger(seed)) flags.push('--seed', String(seed))
  if (inputValues !== undefined && NAME.test(inputValues)) flags.push('--input-values', inputValues)
  if (pageCache) flags.push('--page-cache', pageCache)
  // What is measured again is not judged: one side was perhaps always slower.
  if (plan.inTurns && provers.size === 2) flags.push('--interleave', '--budget', 'time_s=+1000000%')
  else if (plan.inTurns) notes.push('the turns of its two provers')
  for (const settings of provers.values()) flags.push('--prover', await specOf(settings!, notes))
  for (const [key, value] of Object.entries(params)) {
    const items = value == null ? [] : [value].flat()
    if (!items.length) continue
    const isPlain = items.every((item) => isValue(item) && !String(item).startsWith('-'))
    if (/^[a-z][a-z0-9_]*$/.test(key) && !isReserved(key) && isPlain)
      flags.push(`--${key.replaceAll('_', '-')}`, items.join(','))
    else notes.push(`parameter ${printableName(`${key} ${JSON.stringify(value)}`)}`)
  }
  return flags
}

/** `gnark,scale_bits=10`: only settings that the prover itself declares, never the path of a program. */
async function specOf({ name, ...settings }: NonNullable<Row['settings']>, notes: string[]): Promise<string> {
  const { options } = await loadProver(String(name), process.cwd())
  const known = new Set([...Object.keys(options?.shape ?? {}), 'threads'])
  const parts = Object.entries(settings).flatMap(([key, value]) => {
    if (value == null || key === 'launcher' || key === 'sampling') return []
    if (known.has(key) && isValue(value)) return [`${key}=${String(value)}`]
    notes.push(`setting ${printableName(`${key} ${JSON.stringify(value)}`)}`)
    return []
  })
  return [name, ...parts].join(',')
}

/** `memory-limit-mb` is `memory_limit_mb` among the parameters. */
function keyOfFlag(flag: string): string {
  return flag.replaceAll('-', '_')
}

const quote = (word: string) =>
  /^[\w./:,=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** What may explain a difference of the figures, by name. */
const ORIGINS: Readonly<Record<string, (row: Row) => unknown>> = {
  provemark: (row) => row.provemark,
  'prover version': ({ prover }) => prover && `${prover.name} ${prover.version}`,
  'prover program': ({ prover }) => prover?.sha256,
  model: (row) => row.model_sha256 && `${row.point} ${row.model_sha256}`,
  input: (row) => row.input_sha256 && `${row.point} ${row.input_sha256}`,
  circuit: (row) => row.circuit_sha256 && `${row.point} ${row.circuit_sha256}`,
  settings: (row) => row.settings && JSON.stringify(row.settings),
  'page cache': (row) => row.page_cache ?? 'as-is',
  CPU: ({ machine }) => machine?.cpu,
  cores: ({ machine }) => machine?.cores,
  'operating system': ({ machine }) => machine?.os,
  kernel: ({ machine }) => machine?.kernel,
  node: ({ machine }) => machine?.node,
  phases: (row) => `${row.point} ${row.phase} ${readOutcome(row)}`,
}

/** `different  kernel: 6.1.0 then, 6.8.0 now`, one line for each value that only one side has. */
function listDifferences(then: readonly Row[], now: readonly Row[]): string[] {
  const valuesOf = (rows: readonly Row[], read: (row: Row) => unknown) =>
    [...new Set(rows.map((row) => printableName(String(read(row) ?? 'not recorded'))))].toSorted()
  const lines = Object.entries(ORIGINS).flatMap(([name, read]) => {
    const [old, own] = [valuesOf(then, read), valuesOf(now, read)]
    const only = (values: string[], others: string[]) =>
      values.filter((value) => !others.includes(value)).join('; ')
    return old.join() === own.join()
      ? []
      : [
          `different  ${name}: ${only(old, own) || 'nothing else'} then, ${only(own, old) || 'nothing else'} now`,
        ]
  })
  return lines.length ? lines : ['same provemark, prover, model, input, circuit, settings and machine']
}
