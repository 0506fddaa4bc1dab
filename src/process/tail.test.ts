import { expect, test } from 'vitest'
import { readTail } from './tail.ts'

test('a tail is what a person would read on the terminal', () => {
  const output = '\u001B[31merror\u001B[0m: no witness\n10%\r50%\r100% done\r\n\n  \nlast'
  expect(readTail(Buffer.from(output))).toBe('error: no witness\n100% done\nlast')
})

test('a tail is bounded in lines and in their length', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `line ${i}`).join('\n')
  expect(readTail(Buffer.from(many)).split('\n')).toEqual(
    Array.from({ length: 20 }, (_, i) => `line ${980 + i}`),
  )
  expect(readTail(Buffer.from('x'.repeat(1_000_000)))).toHaveLength(501)
  expect(readTail(Buffer.alloc(0))).toBe('')
})
