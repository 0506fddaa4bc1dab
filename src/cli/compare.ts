import { defineCommand } from 'citty'
import { ProvemarkError } from '../errors.ts'
import { splitCompareArgs } from './compare-args.ts'
import { compareFiles } from './compare-files.ts'
import { compareLive } from './compare-live.ts'
import { argsOf, gateCommandSchema } from './gate-args.ts'

export default defineCommand({
  meta: {
    name: 'compare',
    description:
      'Sets two provers, versions or settings against each other: run here in turns, or in two results files',
  },
  args: {
    files: {
      type: 'positional',
      description:
        'a.jsonl b.jsonl, or one file of an earlier comparison; with --a and --b the tracks to run',
      required: false,
    },
    a: { type: 'string', description: 'first side: NAME[,bin=PATH][,KEY=VALUE][,ref=GIT_REF]' },
    b: { type: 'string', description: 'second side, judged against the first' },
    build: { type: 'string', description: 'command that builds a side in a checkout of its ref' },
    ...argsOf(gateCommandSchema.omit({ baseline: true, allow_missing: true })),
  },
  async run({ rawArgs }) {
    const { a, b, build, files, rest } = splitCompareArgs(rawArgs)
    if (a === undefined && b === undefined) return compareFiles([...files, ...rest])
    if (!a || !b) {
      throw new ProvemarkError('CONFIG_INVALID', `--${a ? 'b' : 'a'} is missing: two sides are compared`, {
        hint: "npx provemark compare --a 'gnark' --b 'gnark,threads=1' --sweep lenet",
      })
    }
    await compareLive({ a, b, build, tracks: files, flags: rest })
  },
})
