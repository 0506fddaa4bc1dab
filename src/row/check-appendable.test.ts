import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkAppendable } from './write.ts'

test('what can be appended to or made passes, and nothing is made; all else is refused', () => {
  const dir = mkdtempSync(join(tmpdir(), 'provemark-append-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'rows.jsonl'), '')
  checkAppendable(join(dir, 'rows.jsonl'))
  checkAppendable(join(dir, 'a', 'b', 'rows.jsonl'))
  expect(readdirSync(dir)).toEqual(['rows.jsonl'])
  for (const path of [dir, join(dir, 'rows.jsonl', 'more.jsonl'), join(dir, 'rows.jsonl', 'a', 'b.jsonl')])
    expect(() => checkAppendable(path)).toThrow(expect.objectContaining({ code: 'FILE_UNWRITABLE' }))
})
