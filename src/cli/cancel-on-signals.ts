const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const
const NAMES = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[]

interface Cancellation {
  signal: AbortSignal
  /** Undefined where no signal came. */
  exitCode: () => number | undefined
  /** Signals do again what they do by default. */
  release: () => void
}

/** The first Ctrl+C aborts what runs, so that it can tidy up and tell what there is; the exit code says which signal. */
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
