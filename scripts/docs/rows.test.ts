import { expect, test } from 'vitest'
import { rowSchema } from '../../src/row/schema.ts'
import { renderRows } from './rows.ts'

const cells = renderRows()
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '))

test('every field of the schema has a line with a type and a meaning', () => {
  const fields = cells.map(([field]) => field?.replaceAll('`', ''))
  expect(fields).toEqual(expect.arrayContaining(Object.keys(rowSchema.shape)))
  expect(fields).toContain('machine.cpu')
  expect(cells.filter(([, type, , meaning]) => !type || !meaning)).toEqual([])
})

test('types read as words, null left out, with units where there are some', () => {
  const line = (field: string) => cells.find(([name]) => name === `\`${field}\``)
  expect(line('time_s')?.slice(1, 3)).toEqual(['number', 's'])
  expect(line('cmd')?.[1]).toBe('list of string')
  expect(line('ecc')?.[1]).toBe('object of number')
  expect(line('security.bits')?.[1]).toBe('number or `unknown`')
  expect(line('model')?.[1]).toBe('string')
})
