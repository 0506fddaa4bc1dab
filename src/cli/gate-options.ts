import { z } from 'zod'
import type { Problem } from '../config/problems.ts'
import { readBudgets } from '../gate/budget.ts'
import { gateSchema } from '../gate/schema.ts'

/** What `provemark gate` and `provemark compare` take over files: the gate's section of the config, and these. */
export const gateCommandSchema = gateSchema.omit({ gate_json: true }).extend({
  json: z.boolean().default(false).describe('print the verdicts as JSON'),
  seed: z.number().int().min(0).default(42).describe('seed of the bootstrap intervals'),
})
export type GateCommand = z.output<typeof gateCommandSchema>

/** What is wrong with the budgets, which are texts to the schema. */
export function checkBudgets({ budgets = [] }: Partial<GateCommand>): Problem[] {
  return readBudgets(budgets).problems
}
