import { z } from 'zod'
import { phaseSchema } from '../row/schema.ts'
import { levelSchema } from './schema.ts'

const place = {
  metric: z.string().describe('field of a row, or ecc.NAME'),
  track: z.string().nullable(),
  point: z.string(),
  phase: phaseSchema,
  prover: z.string().nullable(),
  limit: z.string().nullable().describe('as in its budget; null where no budget names the metric'),
  level: levelSchema.nullable().describe('what passing the limit does; null where there is none'),
  reason: z.string().nullable().describe('why, as a sentence'),
}

const side = z.object({
  value: z.union([z.number(), z.string()]).describe('median, or the value itself where it is exact'),
  n: z.number().int().describe('repetitions'),
})
export type Side = z.infer<typeof side>

const figures = {
  baseline: side.nullable(),
  now: side.nullable(),
  change: z.number().nullable().describe('growth against the baseline as a part: 0.1 is +10 %'),
  interval: z
    .object({ lo: z.number(), hi: z.number(), confidence: z.number() })
    .nullable()
    .describe('bootstrap interval of that growth'),
  p: z.number().nullable().describe('of the one-sided test for an increase, Holm-adjusted'),
  set_aside: z.number().int().describe('largest repetitions of both sides that the test left out'),
}

/** What the gate says of one metric of one phase of one point. */
export const checkSchema = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('ok'), ...place, ...figures }),
  z.object({ verdict: z.literal('regression').describe('over its limit'), ...place, ...figures }),
  z.object({ verdict: z.literal('finding').describe('changed within its limit'), ...place, ...figures }),
  z.object({ verdict: z.literal('improved'), ...place, ...figures }),
  z.object({
    verdict: z.literal('undecided').describe('too few repetitions to be sure'),
    ...place,
    ...figures,
    needed: z.object({
      now: z.number().int().nullable().describe('repetitions now, against those of the baseline'),
      both: z.number().int().describe('repetitions on both sides'),
    }),
  }),
  z.object({
    verdict: z.literal('not_comparable').describe('measured under other conditions'),
    ...place,
    ...figures,
    differences: z.array(z.string()),
  }),
  z.object({
    verdict: z.literal('missing').describe('one side has no such figure'),
    ...place,
    ...figures,
    missing: z.enum(['baseline', 'now']),
  }),
  z.object({
    verdict: z.literal('failed').describe('a phase did not end well'),
    ...place,
    statuses: z.record(z.string(), z.number().int()),
  }),
])
export type Check = z.infer<typeof checkSchema>
export type ComparedCheck = Exclude<Check, { verdict: 'failed' }>

/** All that a gate says of a run: `--json`. */
export const reportSchema = z.object({
  exit_code: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  counts: z.record(z.string(), z.number().int()).describe('checks by verdict'),
  alpha: z.number(),
  tests: z.number().int().describe('noisy figures that share alpha'),
  checks: z.array(checkSchema).describe('worst first'),
  notes: z.array(z.string()).describe('what a reader of the verdicts should know'),
})
export type GateReport = z.infer<typeof reportSchema>
