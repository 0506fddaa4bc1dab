import type { Vitest } from 'vitest/node'

/** Reporters that print a document, these always, others where their option `stdout` says so. */
const DOCUMENTS = new Set(['tap', 'tap-flat'])

export interface PrintOptions {
  /** Print it even under `--silent`. */
  always?: boolean
}

/**
 * Prints for people: above Vitest's own output as a rule, on stderr where a reporter prints a document to stdout.
 * `--silent` leaves only what `always` is to be seen: findings and faults.
 */
export function printForPeople(vitest: Vitest, text: string, { always = false }: PrintOptions): void {
  if (vitest.config.silent === true && !always) return
  if (printsDocument(vitest.config)) process.stderr.write(`${text}\n`)
  else vitest.logger.log(text)
}

/** Beside a document on stdout nothing else may stand. */
function printsDocument({ reporters }: Vitest['config']): boolean {
  return reporters.some((reporter) => {
    const [name, options] = Array.isArray(reporter) ? reporter : [reporter, {}]
    return DOCUMENTS.has(String(name)) || (options as { stdout?: boolean } | undefined)?.stdout === true
  })
}

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
