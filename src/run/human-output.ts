import type { Vitest } from 'vitest/node'

/** Reporters that always print a document; others do so if their option `stdout` says so. */
const DOCUMENTS = new Set(['tap', 'tap-flat'])

export interface PrintOptions {
  /** Prints even under `--silent`. */
  always?: boolean
}

/**
 * Prints for people: normally above Vitest's own output, but on stderr if a reporter prints a document to stdout. With
 * `--silent`, only prints what is marked `always`: findings and errors.
 */
export function printForPeople(vitest: Vitest, text: string, { always = false }: PrintOptions): void {
  if (vitest.config.silent === true && !always) return
  if (printsDocument(vitest.config)) process.stderr.write(`${text}\n`)
  else vitest.logger.log(text)
}

/** A document on stdout must not be mixed with other output. */
function printsDocument({ reporters }: Vitest['config']): boolean {
  return reporters.some((reporter) => {
    const [name, options] = Array.isArray(reporter) ? reporter : [reporter, {}]
    return DOCUMENTS.has(String(name)) || (options as { stdout?: boolean } | undefined)?.stdout === true
  })
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether a person is watching who benefits from a live line: not in CI, and not with --silent. */
export function isWatched(
  { silent, isMerge }: { silent: boolean; isMerge: boolean },
  stream: { isTTY?: boolean } = process.stdout,
  env: Environment = process.env,
): boolean {
  const isCi = env['CI'] && env['CI'] !== 'false' && env['CI'] !== '0'
  return stream.isTTY === true && !isCi && !silent && !isMerge && env['TERM'] !== 'dumb'
}
