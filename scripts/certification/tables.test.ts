import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderDetectable, renderNoise } from './tables.ts'

test.each([
  ['detectable', renderDetectable],
  ['noise', renderNoise],
])('docs/gate.md shows what is computed: %s', (name, render) => {
  const table = (text: string) => text.match(/^\|.*\|$/gm)!.map((line) => line.split(/\s*\|\s*/))
  const shown = readFileSync('docs/gate.md', 'utf8').split(`<!-- ${name}`)[1]!.split(`<!-- /${name}`)[0]!
  const rows = (lines: string[][]) => lines.filter((line) => !/^-+$/.test(line[1]!))
  expect(rows(table(shown))).toEqual(rows(table(render())))
})
