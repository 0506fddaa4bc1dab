import type { z } from 'zod'
import { fieldsOf } from '../config/fields.ts'
import { readFlags, splitAtDashes } from '../config/flags.ts'
import { mergeLayers, readEnvironmentOf, textLayer } from '../config/layers.ts'
import { refusePlan, type Problem } from '../config/problems.ts'
import type { Call, Command, Operands } from './command.ts'

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
  return { options: merged.value, operands: args, rest: [...rest, ...behind] }
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
