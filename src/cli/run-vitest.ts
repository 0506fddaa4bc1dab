import { execa } from 'execa'

/**
 * Runs the project's own Vitest and returns its exit code. On Ctrl+C the terminal signals both processes: Vitest ends
 * its phase, writes its rows and prints its card, and this command waits for it.
 * @param quiet sends Vitest's output to standard error, and leaves standard output to the caller
 */
export async function runVitest(args: readonly string[], { quiet = false } = {}): Promise<number> {
  const child = execa('vitest', args, {
    stdio: ['inherit', quiet ? process.stderr : 'inherit', 'inherit'],
    preferLocal: true,
    reject: false,
  })
  const wait = () => {}
  const pass = () => void child.kill('SIGTERM')
  process.on('SIGINT', wait)
  process.on('SIGTERM', pass)
  try {
    const { exitCode } = await child
    return exitCode ?? 2
  } finally {
    process.off('SIGINT', wait)
    process.off('SIGTERM', pass)
  }
}
