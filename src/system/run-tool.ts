/**
 * Runs a command to its end, without input.
 * @returns its stdout
 * @throws Error with the command and the end of its output
 */
export async function runTool(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { execa } = await import('execa')
  const result = await execa(file, args, { ...options, all: true, reject: false, stdin: 'ignore' })
  if (!result.failed) return result.stdout
  const end = String(result.all ?? '')
    .trim()
    .split('\n')
    .slice(-5)
    .join('\n')
  throw new Error(`${result.shortMessage}${end && `\n${end}`}`)
}
