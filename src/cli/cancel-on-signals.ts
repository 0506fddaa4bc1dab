const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const
const NAMES = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[]

interface Cancellation {
  signal: AbortSignal
  /** Undefined if no signal arrived. */
  exitCode: () => number | undefined
  /** Restores the default signal handling. */
  release: () => void
}

/**
 * The first Ctrl+C aborts the current work, so that it can clean up and report partial results. The exit code shows
 * which signal it was.
 */
export function cancelOnSignals(): Cancellation {
  const controller = new AbortController()
  let code: number | undefined
  const cancel = (name: NodeJS.Signals) => {
    code = EXIT_CODES[name as keyof typeof EXIT_CODES]
    controller.abort()
  }
  for (const name of NAMES) process.once(name, cancel)
  return {
    signal: controller.signal,
    exitCode: () => code,
    release: () => {
      for (const name of NAMES) process.off(name, cancel)
    },
  }
}
