import { z } from 'zod'
import type { Problem } from '../config/problems.ts'

/** Positional arguments of a command, as named in its usage and its errors. */
export interface Operands {
  /** `FILE…` */
  name: string
  description: string
  required?: boolean
}

/** The parsed arguments of a command. */
export interface Call<Options> {
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
  run: z.string().optional().describe("the run to take: an id, or 'all'; default: the last of each file"),
  force: z.boolean().default(false).describe('replace an existing file'),
  output: z.string().min(1).meta({ short: 'o', alias: 'out' }),
}
