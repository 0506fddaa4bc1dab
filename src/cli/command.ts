import { constants } from 'node:os'
import { z } from 'zod'
import { refusePlan } from '../config/problems.ts'
import { type Problem, ProvemarkError } from '../errors.ts'
import { fieldsOf } from '../config/fields.ts'
import { readFlags, splitAtDashes, renderFields } from '../config/flags.ts'
import { mergeLayers, readEnvironmentOf, textLayer } from '../config/layers.ts'
import { matchFiles } from '../lib/files.ts'
import { type CardStyle, createPaint } from '../render/terminal.ts'

/** Positional arguments of a command, as named in its usage and its errors. */
interface Operands {
  /** `FILE…` */
  name: string
  description: string
  required?: boolean
}

/** The parsed arguments of a command. */
interface Call<Options> {
  options: Options
  /** Positional arguments. */
  operands: string[]
  /** Arguments after `--`, or arguments for another command. */
  rest: string[]
}

/** A subcommand: everything its parser, its help and its errors need. */
export interface Command<Schema extends z.ZodObject = z.ZodObject> {
  description: string
  /** Each key is a flag, with dashes instead of underscores. */
  options: Schema
  /** The name gives the number: `MODEL` is one, `FILE…` any number. Absent: none. */
  operands?: Operands
  /** Arguments after `--`. */
  rest?: Operands
  /** `PROVEMARK_NAME` replaces a flag that is not given. */
  readsEnvironment?: boolean
  /** Unknown flags are passed on to another command in `rest`; these are shown in the help. */
  handsOn?: z.ZodObject
  /** Finds problems in the options that the schema cannot express. */
  check?: (options: Partial<z.output<Schema>>) => Problem[]
  run: (call: Call<z.output<Schema>>) => void | Promise<void>
}

/** Commands grouped under another: `baseline update`. */
export interface CommandGroup {
  description: string
  commands: Readonly<Record<string, Loader>>
}

/** Commands are loaded on demand: `--help` of one must not pay for the others. */
export type Loader = () => Promise<Command<any> | CommandGroup>

export function defineCommand<Schema extends z.ZodObject>(command: Command<Schema>): Command<Schema> {
  return command
}

export const isGroup = (command: Command<any> | CommandGroup): command is CommandGroup =>
  'commands' in command

/** Options that several commands share. */
export const COMMON = {
  json: z.boolean().default(false).describe('print the figures as JSON'),
  run: z.string().optional().describe("the run to use: an id, or 'all'; default: the last of each file"),
  force: z.boolean().default(false).describe('replace an existing file'),
  output: z.string().min(1).meta({ short: 'o', alias: 'out' }),
  config: z.string().optional().describe("Vitest's config file, if Vitest does not find it by itself"),
}

/** @throws ProvemarkError NO_ROWS */
export function requireFiles(files: readonly string[], hint: string): void {
  if (!files.length) throw new ProvemarkError('NO_ROWS', 'no results file was named', { hint })
}

const HINT = 'add --help for the flags of this command'

/**
 * Parses the arguments of a command: flags override the environment, which overrides defaults.
 * @throws ProvemarkError CONFIG_INVALID naming every problem at once
 */
export function readCall<Schema extends z.ZodObject>(
  command: Command<Schema>,
  argv: readonly string[],
): Call<z.output<Schema>> {
  const { options: schema, operands: wanted, rest: wantedRest, check } = command
  const fields = fieldsOf(schema)
  const [before, behind] = splitAtDashes(argv)
  const { given, args, rest, problems } = readFlags(before, fields, {
    stray: wanted ? 'take' : { hint: HINT },
    ...(command.handsOn ? { unknown: 'leave' as const } : {}),
  })
  const environment = command.readsEnvironment ? readEnvironmentOf(process.env, fields) : new Map()
  const merged = mergeLayers(schema, [
    textLayer(environment, fields, ({ env }) => env),
    textLayer(given, fields, ({ flag }) => `--${flag}`),
  ])
  const all = [
    ...problems,
    ...checkOperands(args, wanted),
    ...checkOperands(behind, command.handsOn ? ANYTHING : wantedRest, '-- '),
    ...merged.problems,
    ...(check?.(merged.value ?? {}) ?? []),
  ]
  if (all.length || !merged.value) throw refusePlan(all, HINT)
  // The shells of Windows leave globs to the program.
  const operands = wanted?.name === 'FILE…' ? args.flatMap(expandFiles) : args
  return { options: merged.value, operands, rest: [...rest, ...behind] }
}

/** What matches nothing stays as it is, for an error that names it. */
function expandFiles(given: string): string[] {
  const files = matchFiles(given, process.cwd())
  return files.length ? files : [given]
}

const ANYTHING: Operands = { name: 'FLAGS…', description: '' }

function checkOperands(given: readonly string[], wanted: Operands | undefined, before = ''): Problem[] {
  if (wanted?.required && !given.length) {
    return [{ where: `${before}${wanted.name}`, expected: wanted.description, given: 'nothing' }]
  }
  const most = wanted ? (wanted.name.endsWith('…') ? Infinity : 1) : 0
  return given.slice(most).map((extra) => ({
    where: JSON.stringify(extra),
    expected: wanted ? `exactly one ${wanted.name}` : 'a flag',
  }))
}

/**
 * The output of `--help` for a command.
 * @param name full name of the command: `provemark baseline update`
 */
export async function renderHelp(
  name: string,
  command: Command | CommandGroup,
  style: CardStyle,
): Promise<string> {
  const paint = createPaint(style)
  const title = (text: string) => paint('bold', text)
  const sections = isGroup(command)
    ? [`${title('usage:')} npx ${name} COMMAND`, await renderCommands(command, title('commands:'))]
    : [`${title('usage:')} npx ${usageOf(name, command)}`, ...describe(command, title)]
  return [command.description, ...sections].join('\n\n')
}

async function renderCommands({ commands }: CommandGroup, title: string): Promise<string> {
  const lines = Object.entries(commands).map(async ([name, load]) => {
    const { description } = await load()
    return `  ${name.padEnd(17)} ${description}`
  })
  return [title, ...(await Promise.all(lines))].join('\n')
}

function usageOf(name: string, { operands, rest, handsOn }: Command): string {
  const inBrackets = ({ name: own, required }: Operands) => (required ? own : `[${own}]`)
  return [
    name,
    ...(operands ? [inBrackets(operands)] : []),
    handsOn ? '[flags] [flags of a run]' : '[flags]',
    ...(rest ? [`-- ${rest.name}`] : []),
  ].join(' ')
}

function describe({ operands, rest, options, handsOn }: Command, title: (text: string) => string): string[] {
  const named = [operands, rest].filter((own) => own !== undefined)
  const fields = fieldsOf(options)
  return [
    ...(named.length ? [named.map((own) => `  ${own.name.padEnd(19)} ${own.description}`).join('\n')] : []),
    ...(fields.length ? [renderFields(title('flags:'), fields)] : []),
    ...(handsOn ? [renderFields(title('flags of the gate:'), fieldsOf(handsOn))] : []),
  ]
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

interface Cancellation {
  signal: AbortSignal
  /** Undefined if no signal arrived. */
  exitCode: () => number | undefined
  /** Restores the default signal handling. */
  release: () => void
}

/**
 * The first Ctrl+C aborts the current work, so that it can clean up and report partial results. The exit code shows
 * which signal it was.
 */
export function cancelOnSignals(): Cancellation {
  const controller = new AbortController()
  let code: number | undefined
  const cancel = (name: NodeJS.Signals) => {
    code = 128 + constants.signals[name]
    controller.abort()
  }
  for (const name of SIGNALS) process.once(name, cancel)
  return {
    signal: controller.signal,
    exitCode: () => code,
    release: () => {
      for (const name of SIGNALS) process.off(name, cancel)
    },
  }
}
