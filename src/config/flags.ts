import { parseArgs } from 'node:util'
import { canBeOff, isBoolean, type Field } from './fields.ts'
import type { Problem } from './problems.ts'
import { suggestName } from '../suggest-name.ts'

/** What follows the first `--` of a command line: Vitest leaves it alone. */
export function argumentsBehindDashes(argv: readonly string[]): string[] {
  const dashes = argv.indexOf('--')
  return dashes < 0 ? [] : argv.slice(dashes + 1)
}

/**
 * The texts given for each flag, in order; a boolean flag's text is 'true' or 'false'. Arguments that are no flags are
 * problems, unless `positionals` takes them.
 */
export function readFlags(
  argv: readonly string[],
  fields: readonly Field[],
  positionals?: string[],
): { given: Map<string, string[]>; problems: Problem[] } {
  const flags = new Map(fields.map((field) => [field.flag, field]))
  const options = Object.fromEntries(
    [...flags].map(([flag, { json }]) => [
      flag,
      { type: isBoolean(json) ? 'boolean' : 'string', multiple: true } as const,
    ]),
  )
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true, allowNegative: true })
  const given = new Map<string, string[]>()
  const problems: Problem[] = []
  let unknownAt = -2
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // The value of an unknown flag looks like a stray argument: the flag alone is the problem.
      if (token.index === unknownAt + 1) continue
      if (positionals) positionals.push(token.value)
      else problems.push(strayArgument(token.value))
    } else if (token.kind === 'option') {
      // parseArgs itself takes the `no-` off the name.
      const name = token.rawName.replace(/^-+/, '')
      const negated = name.startsWith('no-') && !flags.has(name)
      const field = flags.get(negated ? name.slice(3) : name)
      if (!field || (negated && !isBoolean(field.json) && !canBeOff(field.json))) {
        unknownAt = token.value === undefined ? token.index : -2
        problems.push({
          where: token.rawName,
          expected: 'a known flag',
          hint: suggestName(
            token.rawName,
            [...flags.keys()].map((f) => `--${f}`),
          ),
        })
      } else if (isBoolean(field.json)) {
        given.set(field.flag, [token.value ?? String(!negated)])
      } else if (negated) {
        given.set(field.flag, ['off'])
      } else if (token.value === undefined) {
        problems.push({ where: token.rawName, expected: field.expected, given: 'nothing' })
      } else {
        given.set(field.flag, [...(given.get(field.flag) ?? []), token.value])
      }
    }
  }
  return { given, problems }
}

function strayArgument(value: string): Problem {
  return {
    where: JSON.stringify(value),
    expected: 'a flag',
    hint: 'file filters stand before the --: npx vitest bench depth -- --depth-max 4',
  }
}
