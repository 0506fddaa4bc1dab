import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { defineCommand } from './command.ts'
import { compareFiles } from './compare-files.ts'
import { compareLive } from './compare-live.ts'
import { gateCommandSchema } from './gate-options.ts'

const side = z.string().optional()

export default defineCommand({
  description:
    'Sets two provers, versions or settings against each other: run here in turns, or in two results files',
  operands: {
    name: 'FILE…',
    description: 'a.jsonl b.jsonl, or one file of an earlier comparison; with --a and --b the tracks to run',
  },
  options: z.object({
    a: side.describe('first side: NAME[,bin=PATH][,KEY=VALUE][,ref=GIT_REF]'),
    b: side.describe('second side, judged against the first'),
    build: z.string().optional().describe('command that builds a side in a checkout of its ref'),
  }),
  handsOn: gateCommandSchema.omit({ baseline: true, allow_missing: true }),
  async run({ options: { a, b, build }, operands, rest }) {
    if (a === undefined && b === undefined) return compareFiles([...operands, ...rest])
    if (!a || !b) {
      throw new ProvemarkError('CONFIG_INVALID', `--${a ? 'b' : 'a'} is missing: two sides are compared`, {
        hint: "npx provemark compare --a 'gnark' --b 'gnark,threads=1' --sweep lenet",
      })
    }
    await compareLive({ a, b, build, tracks: operands, flags: rest })
  },
})
