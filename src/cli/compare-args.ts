/** The arguments of `provemark compare`, its own taken out. */
export interface CompareArgs {
  a?: string
  b?: string
  build?: string
  /** What stands before the first flag that is not its own: results files, or tracks. */
  files: string[]
  /** All else, in order: flags of the gate, or of the run. */
  rest: string[]
}

/** Flags of the tracks are known to Vitest's side alone, so that what is not ours is handed on as it is. */
export function splitCompareArgs(rawArgs: readonly string[]): CompareArgs {
  const split: CompareArgs = { files: [], rest: [] }
  const args = [...rawArgs]
  while (args.length) {
    const arg = args.shift()!
    if (arg === '--') {
      split.rest.push(...args)
      break
    }
    const [, name, inline] = /^--(a|b|build)(?:=(.*))?$/s.exec(arg) ?? []
    if (name) split[name as 'a' | 'b' | 'build'] = inline ?? args.shift() ?? ''
    else if (!arg.startsWith('-') && !split.rest.length) split.files.push(arg)
    else split.rest.push(arg)
  }
  return split
}
