import { expect, test } from 'vitest'
import { formatError, ProvemarkError } from './errors.ts'

test('an error reads as code, message and next step', () => {
  const error = new ProvemarkError('NO_ROWS', 'nothing in a.jsonl', { hint: 'run a benchmark' })
  expect(formatError(error)).toBe('NO_ROWS: nothing in a.jsonl\n  next: run a benchmark')
})

test('names from files cannot steer the terminal', () => {
  const name = '\u001B[2J\u001B]0;title\u0007evil\u0000\r'
  expect(formatError(new ProvemarkError('NO_ROWS', name))).toBe('NO_ROWS: evil\uFFFD\uFFFD')
})
