import which from 'which'

/** Programs that any checkout needs, or that every Linux has. */
const PROGRAMS = ['git', 'bash', 'taskset']

export function requirePrograms(): void {
  const missing = PROGRAMS.filter((name) => !which.sync(name, { nothrow: true }))
  if (missing.length) throw new Error(`not on PATH: ${missing.join(', ')}`)
}
