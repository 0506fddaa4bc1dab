import { existsSync } from 'node:fs'
import { z } from 'zod'
import { parseArgs } from 'node:util'
import { suggestName } from '../lib/names.ts'
import { canBeOff, isBoolean, type Field, fieldsOf } from './fields.ts'
import type { Problem } from '../errors.ts'
import { gateSchema } from '../gate/options.ts'
import { PROFILES, runSchema } from '../plan/options.ts'
import type { TrackDefinition } from '../track/define.ts'

const nonEmpty = z.string().min(1)

/** Valid run ids; they are also folder names. */
export const RUN_ID = /^\w[\w.-]{0,99}$/

/** Options of the command line and the environment that a config cannot set. */
export const commandSchema = z.strictObject({
  shard: z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/)
    .refine((given) => {
      const [index, count] = given.split('/').map(Number)
      return index! <= count!
    })
    .optional()
    .meta({
      description: 'run only this part of the points, balanced by cost; default: all of them',
      expected: 'INDEX/COUNT such as 2/4, INDEX at most COUNT',
    }),
  run_id: z.string().regex(RUN_ID).optional().meta({
    description:
      "id of the run in its rows, the same for all its shards; default: the CI run's for a shard, otherwise random",
    expected: 'letters, digits, dots, dashes and underscores, at most 100',
  }),
  sweep: z
    .array(nonEmpty)
    .optional()
    .meta({ description: 'run only these tracks; default: all', commas: true }),
  interleave: z
    .boolean()
    .describe('alternate the iterations of two provers, and judge the second against the first')
    .default(false),
  continues: nonEmpty.optional().meta({
    description:
      'with --interleave: results file with earlier pairs of the same comparison, which this run adds to; default: none',
  }),
  resume: z
    .boolean()
    .describe('resume the last run of the same plan: phases that have a row are not run again')
    .default(false),
  retry_failed: z.boolean().describe('with --resume: run failed phases again').default(false),
  dry_run: z.boolean().describe('print the points and run nothing').default(false),
  help: z.boolean().describe('print the flags with their defaults and run nothing').default(false),
})

export type CommandOptions = z.output<typeof commandSchema>

/** How a command line treats arguments that are neither flags nor values of flags. */
interface Rules {
  /** 'take' accepts positional arguments; otherwise they are a problem with this hint. */
  stray: 'take' | { hint: string }
  /** Leaves everything from the first unknown flag on to another parser; otherwise an unknown flag is a problem. */
  unknown?: 'leave'
}

interface ReadFlags {
  /** The texts given for each flag, in order; a boolean flag's text is 'true' or 'false'. */
  given: Map<string, string[]>
  /** Positional arguments. */
  args: string[]
  /** Arguments left to another parser. */
  rest: string[]
  problems: Problem[]
}

const RUN_RULES: Rules = {
  stray: { hint: 'file filters go before the --: npx vitest bench depth -- --depth-max 4' },
}

/** The arguments before and after the first `--` of a command line. */
export function splitAtDashes(argv: readonly string[]): [before: string[], behind: string[]] {
  const dashes = argv.indexOf('--')
  return dashes < 0 ? [[...argv], []] : [argv.slice(0, dashes), argv.slice(dashes + 1)]
}

/** Reads flags by their fields, for `vitest bench --` and every subcommand alike. */
export function readFlags(
  argv: readonly string[],
  fields: readonly Field[],
  rules: Rules = RUN_RULES,
): ReadFlags {
  const flags = new Map(fields.flatMap((field) => namesOf(field).map((name) => [name, field] as const)))
  const read: ReadFlags = { given: new Map(), args: [], rest: [], problems: [] }
  const add = (flag: string, text: string) => read.given.set(flag, [...(read.given.get(flag) ?? []), text])
  let unknownAt = -2
  for (const token of tokenize(argv, fields)) {
    if (token.kind === 'option-terminator') continue
    if (rules.unknown && unknownAt >= 0 && !isKnown(token, flags)) {
      read.rest.push(...wordsOf(token))
    } else if (token.kind === 'positional') {
      // The value of an unknown flag looks like a stray argument, but only the flag is the problem.
      if (token.index === unknownAt + 1) continue
      if (rules.stray === 'take') read.args.push(token.value)
      else read.problems.push({ where: JSON.stringify(token.value), expected: 'a flag', ...rules.stray })
    } else {
      // parseArgs itself removes the `no-` from the name.
      const name = nameOf(token)
      const negated = name.startsWith('no-') && !flags.has(name)
      const field = flags.get(negated ? name.slice(3) : name)
      if (!field || (negated && !isBoolean(field.json) && !canBeOff(field.json))) {
        unknownAt = token.value === undefined || rules.unknown ? token.index : -2
        if (rules.unknown) read.rest.push(...wordsOf(token))
        else {
          // `-seed` is read as -s, -e, -e and -d, and meant as one flag.
          const word = argv[token.index]!
          read.problems.push(unknownFlag(/^-[^-=]{2}/.test(word) ? word : token.rawName, fields))
        }
      } else if (isBoolean(field.json)) {
        read.given.set(field.flag, [token.value ?? String(!negated)])
      } else if (negated) {
        read.given.set(field.flag, ['off'])
      } else if (token.value === undefined) {
        read.problems.push({ where: token.rawName, expected: field.expected, given: 'nothing' })
      } else {
        add(field.flag, token.value)
      }
    }
  }
  return read
}

type Token = ReturnType<typeof tokenize>[number]
type OptionToken = Extract<Token, { kind: 'option' }>

function tokenize(argv: readonly string[], fields: readonly Field[]) {
  const options = Object.fromEntries(
    fields.flatMap((field) => {
      const type = isBoolean(field.json) ? 'boolean' : 'string'
      const short = field.short === undefined ? {} : { short: field.short }
      return namesOf(field).map((name, i) => [
        name,
        { type, multiple: true, ...(i === 0 ? short : {}) } as const,
      ])
    }),
  )
  return parseArgs({ args: [...argv], options, strict: false, tokens: true, allowNegative: true }).tokens
}

const namesOf = ({ flag, alias }: Field) => [flag, ...(alias === undefined ? [] : [alias])]

const nameOf = ({ name, rawName }: OptionToken) => (rawName.startsWith('--') ? rawName.slice(2) : name)

function isKnown(token: Token, flags: ReadonlyMap<string, Field>): boolean {
  return token.kind === 'option' && flags.has(nameOf(token))
}

/** An argument as it was written. */
function wordsOf(token: Token): string[] {
  if (token.kind === 'option-terminator') return ['--']
  if (token.kind === 'positional') return [token.value]
  if (token.value === undefined) return [token.rawName]
  return token.inlineValue ? [`${token.rawName}=${token.value}`] : [token.rawName, token.value]
}

function unknownFlag(rawName: string, fields: readonly Field[]): Problem {
  const names = fields.map(({ flag }) => `--${flag}`)
  const hint = existsSync(rawName) ? `the file is ./${rawName}` : suggestName(rawName, names)
  return { where: rawName, expected: 'a known flag', hint }
}

type Profiles = Readonly<Record<string, object | undefined>>

/** The flags of a schema under a title, each with its meaning, its values and its default in each profile. */
export function renderFields(title: string, fields: readonly Field[], profiles: Profiles = {}): string {
  const lines = fields.map((field) => {
    const defaults = describeDefault(field, profiles)
    const name = field.short ? `--${field.flag}, -${field.short}` : `--${field.flag}`
    return `  ${name.padEnd(19)} ${field.description}\n${' '.repeat(22)}${field.expected}${defaults && ` [default ${defaults}]`}`
  })
  return [title, ...(lines.length ? lines : ['  no flags of its own'])].join('\n')
}

/** `1; full: 12`: the default of a field and of the profiles; '' if the description already states it. */
export function describeDefault(
  { key, default: fallback }: Pick<Field, 'key' | 'default'>,
  profiles: Profiles,
): string {
  const own = Object.entries(profiles).flatMap(([profile, values]) => {
    const value = (values as Record<string, unknown> | undefined)?.[key]
    return value === undefined ? [] : [`${profile}: ${show(value)}`]
  })
  return [...(fallback === undefined ? [] : [show(fallback)]), ...own].join('; ')
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(',') || 'none'
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([k, v]) => `${k}=${v}`)
    return pairs.join(',') || 'none'
  }
  return value === '' ? 'none' : String(value)
}

/** The flags of a run and of every track. */
export function renderHelp(tracks: readonly TrackDefinition[]): string {
  const sections = [
    renderFields('every run:', [...fieldsOf(runSchema), ...fieldsOf(commandSchema)], PROFILES),
    renderFields('gate:', fieldsOf(gateSchema)),
    ...tracks.map(({ name, params, profiles }) =>
      renderFields(`track ${name}:`, fieldsOf(params), profiles ?? {}),
    ),
  ]
  return ['usage: npx vitest bench [track…] [-t phase] -- [flags]', ...sections].join('\n\n')
}
