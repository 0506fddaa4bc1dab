import { parseArgs } from 'node:util'
import type { ArgsDef, CommandDef } from 'citty'
import { suggestName } from '../suggest-name.ts'
import { ProvemarkError } from '../errors.ts'

/** The same command, and every command below it, with an error in place of citty's silence about flags it does not know. */
export function refuseUnknownFlags(command: CommandDef<any>): CommandDef<any> {
  const children = Object.entries((command.subCommands ?? {}) as Record<string, CommandDef<any>>)
  return {
    ...command,
    ...(children.length
      ? {
          subCommands: Object.fromEntries(children.map(([name, child]) => [name, refuseUnknownFlags(child)])),
        }
      : {}),
    setup: async (context) => {
      if (!children.length) checkFlags(context.rawArgs, (command.args ?? {}) as ArgsDef)
      await command.setup?.(context)
    },
  }
}

function checkFlags(rawArgs: string[], args: ArgsDef): void {
  const known = new Set(
    Object.entries(args).flatMap(([name, { type, ...definition }]) => {
      const aliases = 'alias' in definition ? [definition.alias ?? []].flat() : []
      return type === 'positional' ? [] : [name, ...(type === 'boolean' ? [`no-${name}`] : []), ...aliases]
    }),
  )
  const options = Object.fromEntries(
    [...known].map((name) => [
      name,
      { type: args[name]?.type === 'boolean' ? 'boolean' : 'string' } as const,
    ]),
  )
  const { tokens } = parseArgs({ args: rawArgs, options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'option-terminator') return
    if (token.kind !== 'option' || known.has(token.name)) continue
    throw new ProvemarkError('CONFIG_INVALID', `${token.rawName} is not a flag of this command`, {
      hint: suggestName(
        token.rawName,
        [...known].map((name) => (name.length > 1 ? `--${name}` : `-${name}`)),
      ),
    })
  }
}
