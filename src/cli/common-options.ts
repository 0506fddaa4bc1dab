import { z } from 'zod'

/** Options that several commands take, under the same names. */
export const COMMON = {
  json: z.boolean().default(false).describe('print the figures as JSON'),
  run: z.string().optional().describe("the run to take: an id, or 'all'; default: the last of each file"),
  force: z.boolean().default(false).describe('replace a file that exists'),
  output: z.string().min(1).meta({ short: 'o', alias: 'out' }),
}
