import type { ArgsDef } from 'citty'
import { z } from 'zod'
import { canBeOff, fieldsOf, isBoolean } from '../config/fields.ts'
import { readFlags } from '../config/flags.ts'
import { mergeLayers, textLayer } from '../config/layers.ts'
import { refusePlan } from '../config/problems.ts'
import { type Budget, readBudgets } from '../gate/budget.ts'
import { gateSchema } from '../gate/schema.ts'

/** What `provemark gate` and `provemark compare` take over files: the gate's section of the config, and these. */
export const gateCommandSchema = gateSchema.omit({ gate_json: true }).extend({
  json: z.boolean().default(false).describe('print the verdicts as JSON'),
  seed: z.number().int().min(0).default(42).describe('seed of the bootstrap intervals'),
})
export type GateCommand = z.output<typeof gateCommandSchema>

/** The keys of a schema as flags of a command, for its help and for what it does not know. */
export function argsOf(schema: z.ZodObject): ArgsDef {
  return Object.fromEntries(
    fieldsOf(schema).flatMap(({ flag, description, expected, json, default: fallback }) => {
      const shown =
        typeof fallback === 'object' || fallback === undefined ? '' : ` (default ${String(fallback)})`
      const type = isBoolean(json) ? 'boolean' : 'string'
      const form = type === 'boolean' ? '' : `: ${expected}`
      const own = [flag, { type, description: `${description}${form}${shown}` } as const] as const
      const off = [
        `no-${flag}`,
        { type: 'boolean', description: `the same as --${flag} off` } as const,
      ] as const
      return canBeOff(json) ? [own, off] : [own]
    }),
  )
}

/**
 * Flags over environment over defaults, budgets read, and the arguments that are no flags.
 * @throws ProvemarkError CONFIG_INVALID naming every problem at once
 */
export function readGateArgs<Schema extends typeof gateCommandSchema>(
  schema: Schema,
  rawArgs: readonly string[],
): { command: z.output<Schema>; budgets: Budget[]; files: string[] } {
  const fields = fieldsOf(schema)
  const files: string[] = []
  const { given, problems } = readFlags(rawArgs, fields, files)
  const environment = new Map<string, string[]>()
  for (const { flag, env } of fields) {
    const value = process.env[env]
    if (value) environment.set(flag, [value])
  }
  const merged = mergeLayers(schema, [
    textLayer(environment, fields, ({ env }) => env),
    textLayer(given, fields, ({ flag }) => `--${flag}`),
  ])
  const read = readBudgets(merged.value?.budgets ?? [])
  const all = [...problems, ...merged.problems, ...read.problems]
  if (all.length || !merged.value) throw refusePlan(all, 'add --help for the flags of this command')
  return { command: merged.value, budgets: read.budgets, files }
}
