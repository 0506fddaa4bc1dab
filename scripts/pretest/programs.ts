import which from 'which'

/** Without which a checkout could not have come about, or which every Linux has. */
const PROGRAMS = ['git', 'bash', 'taskset']

export function requirePrograms(): void {
  const missing = PROGRAMS.filter((name) => !which.sync(name, { nothrow: true }))
  if (missing.length) throw new Error(`not on PATH: ${missing.join(', ')}`)
}
