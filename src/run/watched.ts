type Environment = Readonly<Record<string, string | undefined>>

/** Whether a person looks on who can use a line that changes: not in CI, nor where silence was asked for. */
export function isWatched(
  { silent, isMerge }: { silent: boolean; isMerge: boolean },
  stream: { isTTY?: boolean } = process.stdout,
  env: Environment = process.env,
): boolean {
  const isCi = env['CI'] && env['CI'] !== 'false' && env['CI'] !== '0'
  return stream.isTTY === true && !isCi && !silent && !isMerge && env['TERM'] !== 'dumb'
}
