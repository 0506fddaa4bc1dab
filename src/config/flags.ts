import { parseArgs } from 'node:util'
import { suggestName } from '../lib/suggest-name.ts'
import { canBeOff, isBoolean, type Field } from './fields.ts'
import type { Problem } from './problems.ts'

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
  stray: { hint: 'file filters stand before the --: npx vitest bench depth -- --depth-max 4' },
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
        else read.problems.push(unknownFlag(token.rawName, fields))
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
  return { where: rawName, expected: 'a known flag', hint: suggestName(rawName, names) }
}
