import { dropControls } from '../printable.ts'
import type { Row } from '../row/schema.ts'

/** What failed in the iterations of a phase, as the error that fails its test; undefined where nothing did. */
export function failureOf(rows: readonly Row[]): Error | undefined {
  const failed = rows.filter(({ status }) => status !== 'ok' && status !== 'skipped')
  if (!failed.length) return undefined
  const error = new Error(dropControls(failed.map(describeRow).join('\n\n')))
  // A stack would point into the harness, where nothing is wrong.
  error.stack = ''
  return error
}

function describeRow({ point, phase, iteration, cmd, error }: Row): string {
  const head = `${point}: ${phase} of iteration ${iteration}: ${error?.code}: ${error?.message}`
  const command = cmd ? `\n  command: ${cmd.join(' ')}` : ''
  const tail = error?.tail ? `\n  output ends:\n${error.tail.replaceAll(/^/gm, '    ')}` : ''
  const hint = error?.hint ? `\n  next: ${error.hint}` : ''
  return `${head}${command}${tail}${hint}`
}
