import { ERROR_CODES } from '../../src/errors.ts'
import { renderTable } from './table.ts'

/** The table of error codes. */
export function renderErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => [`\`${code}\``, meaning])
  return `# Error codes

Every error that you may meet has a code that never changes its meaning, a message that says what was expected and
what was given, and a next step. Codes also stand in rows, at \`error.code\`. Made from src/errors.ts.

${renderTable(['code', 'meaning'], rows)}`
}
