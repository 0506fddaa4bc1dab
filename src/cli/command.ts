import { z } from 'zod'
import type { Problem } from '../config/problems.ts'

/** Arguments of a command that are no flags, as its usage and its errors name them. */
export interface Operands {
  /** `FILE…` */
  name: string
  description: string
  required?: boolean
}

/** What a command was called with. */
export interface Call<Options> {
  options: Options
  /** The arguments that are no flags. */
  operands: string[]
  /** What stands behind `--`, or is left to another command. */
  rest: string[]
}

/** A subcommand: everything that its parser, its help and its errors have to know of it. */
export interface Command<Schema extends z.ZodObject = z.ZodObject> {
  description: string
  /** Each key is a flag, with dashes for underscores. */
  options: Schema
  /** How many there are is told by the name: `MODEL` is one, `FILE…` any number. Absent: there are none. */
  operands?: Operands
  /** What stands behind `--`. */
  rest?: Operands
  /** `PROVEMARK_NAME` stands for a flag that is not given. */
  readsEnvironment?: boolean
  /** Flags that the command does not know are handed on to another one in `rest`; these are shown in the help. */
  handsOn?: z.ZodObject
  /** What is wrong with the options beyond what the schema knows. */
  check?: (options: Partial<z.output<Schema>>) => Problem[]
  run: (call: Call<z.output<Schema>>) => void | Promise<void>
}

/** Commands below a command: `baseline update`. */
export interface CommandGroup {
  description: string
  commands: Readonly<Record<string, Loader>>
}

/** Each command is loaded when it is called: `--help` of one must not pay for the others. */
export type Loader = () => Promise<Command<any> | CommandGroup>

export function defineCommand<Schema extends z.ZodObject>(command: Command<Schema>): Command<Schema> {
  return command
}

export const isGroup = (command: Command<any> | CommandGroup): command is CommandGroup =>
  'commands' in command

/** Options that several commands take, under the same names. */
export const COMMON = {
  json: z.boolean().default(false).describe('print the figures as JSON'),
  run: z.string().optional().describe("the run to take: an id, or 'all'; default: the last of each file"),
  force: z.boolean().default(false).describe('replace an existing file'),
  output: z.string().min(1).meta({ short: 'o', alias: 'out' }),
}
