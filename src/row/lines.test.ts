import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, asyncProperty, assert, nat, string } from 'fast-check'
import { expect, test } from 'vitest'
import { type Line, type Part, readLines } from './lines.ts'

const path = join(mkdtempSync(join(tmpdir(), 'provemark-lines-')), 'lines.txt')

async function collectLines(part?: Part): Promise<Line[]> {
  const lines: Line[] = []
  for await (const batch of readLines(path, part)) lines.push(...batch)
  return lines
}

test('the parts of a file hold each of its lines once, wherever it is cut', async () => {
  const texts = array(string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 20 })
  await assert(
    asyncProperty(texts, array(nat(150), { maxLength: 3 }), async (lines, cuts) => {
      writeFileSync(path, lines.join('\n'))
      const whole = await collectLines()
      const starts = [0, ...cuts.toSorted((a, b) => a - b)]
      const parts = starts.map((from, i) => collectLines({ from, to: starts[i + 1] ?? Infinity }))
      const found = (await Promise.all(parts)).flat()
      expect(found.map(({ start, text, ended }) => ({ start, text, ended }))).toEqual(
        whole.map(({ start, text, ended }) => ({ start, text, ended })),
      )
    }),
  )
})
