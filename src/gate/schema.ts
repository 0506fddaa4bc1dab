import { z } from 'zod'
import { phaseSchema } from '../row/schema.ts'

export const LIMIT_FORMS = 'a number (4096) or a growth against the baseline (0%, +10%)'

const text = z.string().min(1)

export const levelSchema = z.enum(['fail', 'warn'])

/** A budget as written in the config. */
export const budgetInputSchema = z.strictObject({
  metric: text.describe('field of a row, or ecc.NAME for a counter'),
  phase: phaseSchema.optional().describe('only this phase'),
  track: text.optional().describe('only this track'),
  point: text.optional().describe('only the point with this id'),
  prover: text.optional().describe('only this prover'),
  max: z.union([z.number(), text]).describe(LIMIT_FORMS),
  level: levelSchema.optional().describe('what exceeding it does: fail the run (default) or warn'),
})
export type BudgetInput = z.input<typeof budgetInputSchema>

/** Section `gate` of the config. Each key is also a flag of a run and of `provemark gate`. */
export const gateSchema = z.strictObject({
  baseline: text.optional().describe('JSONL file to judge against, or git:REF[:PATH]; default: none'),
  budgets: z
    .array(z.union([text, budgetInputSchema]))
    .default([])
    .meta({
      description: 'limits; as a flag it can be repeated',
      flag: 'budget',
      expected: 'METRIC[@PHASE][,track=…,point=…,prover=…,level=fail|warn]=LIMIT, LIMIT as 4096, 0% or +10%',
    }),
  alpha: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.01)
    .describe('largest chance that an unchanged run fails because of its times, memory or sizes'),
  floors: z
    .strictObject({
      time_s: z.number().min(0).default(0.05).describe('seconds'),
      mem_mb: z.number().min(0).default(5).describe('MB'),
    })
    .default({ time_s: 0.05, mem_mb: 5 })
    .describe('changes up to these never fail: time_s=0.05,mem_mb=5'),
  inconclusive: levelSchema
    .default('warn')
    .describe('what a limit does that cannot be decided: end the run with 2, or warn'),
  undecided: levelSchema.optional().describe('older name of inconclusive; default: none'),
  allow_missing: z
    .boolean()
    .default(false)
    .describe('accept a missing baseline or figure, for the first run'),
  gate_json: text.optional().describe('file for the verdicts as JSON; default: none'),
  junit: text.optional().describe('file for the verdicts as JUnit XML; default: none'),
  markdown: text
    .optional()
    .describe('file for the findings as Markdown, to comment on a pull request; default: none'),
  bmf: text.optional().describe('file for the figures in Bencher Metric Format; default: none'),
})
export type GateSection = z.output<typeof gateSchema>
export type GateRules = Pick<GateSection, 'alpha' | 'floors' | 'inconclusive' | 'undecided' | 'allow_missing'>
