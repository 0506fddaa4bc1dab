import { ERROR_CODES } from '../../src/errors.ts'
import { renderTable } from './table.ts'

/** The table of error codes. */
export function renderErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => [`\`${code}\``, meaning])
  return `# Error codes

Every error has a code that never changes its meaning, a message that says what was expected and what was given, and a
next step. In rows the code is in \`error.code\`. Generated from src/errors.ts.

${renderTable(['code', 'meaning'], rows)}`
}
