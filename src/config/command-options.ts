import { z } from 'zod'

const text = z.string().min(1)

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
      expected: 'INDEX/COUNT as 2/4, INDEX at most COUNT',
    }),
  run_id: z
    .string()
    .regex(/^\w[\w.-]{0,99}$/)
    .optional()
    .meta({
      description:
        "id of the run in its rows, the same for all its shards; default: the CI run's for a shard, else random",
      expected: 'letters, digits, dots, dashes and underscores, at most 100',
    }),
  sweep: z.array(text).optional().meta({ description: 'run only these tracks; default: all', commas: true }),
  interleave: z
    .boolean()
    .describe('alternate the iterations of two provers, and judge the second against the first')
    .default(false),
  continues: text.optional().meta({
    description:
      'with --interleave: results file with earlier pairs of a comparison that goes on until it is decided; default: none',
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
