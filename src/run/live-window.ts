import type { Vitest } from 'vitest/node'

type Reporters = Vitest['config']['reporters']

/** Reporters of Vitest with a window at the bottom of the terminal, which all but the last can do without. */
const WINDOWED = new Set(['default', 'verbose', 'tree'])
const ALWAYS_WINDOWED = 'dot'

/** Whether the bottom of the terminal is free for a line of ours. */
export function leavesRoom(reporters: Reporters): boolean {
  return !reporters.some((reporter) => nameOf(reporter) === ALWAYS_WINDOWED)
}

/** The same reporters without their windows: two that draw there would overwrite each other. */
export function withoutWindows(reporters: Reporters): Reporters {
  return reporters.map((reporter) => {
    const name = nameOf(reporter)
    if (!WINDOWED.has(name)) return reporter
    const options = Array.isArray(reporter) ? reporter[1] : {}
    return [name, { ...(options as object), summary: false }]
  }) as Reporters
}

function nameOf(reporter: Reporters[number]): string {
  const [name] = Array.isArray(reporter) ? reporter : [reporter]
  return typeof name === 'string' ? name : ''
}
