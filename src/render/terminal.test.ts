import { expect, test } from 'vitest'
import { readCardStyle } from './terminal.ts'

const TTY = { isTTY: true, columns: 120 }

test('a terminal gives its width and colour, a pipe a fixed width and none', () => {
  expect(readCardStyle(TTY, { LANG: 'de_DE.UTF-8' })).toEqual({
    width: 120,
    columns: 120,
    unicode: true,
    color: true,
  })
  expect(readCardStyle({}, {})).toEqual({ width: 120, unicode: true, color: false })
})

test.each([
  { env: { PROVEMARK_ASCII: '1', LANG: 'en_US.UTF-8' }, unicode: false },
  { env: { PROVEMARK_ASCII: '0', LANG: 'C' }, unicode: true },
  { env: { LANG: 'C' }, unicode: false },
  { env: { LANG: 'C.UTF-8' }, unicode: true },
  { env: { LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }, unicode: false },
  { env: { TERM: 'linux', LANG: 'en_US.UTF-8' }, unicode: false },
])('$env: Unicode $unicode', ({ env, unicode }) => {
  expect(readCardStyle(TTY, env).unicode).toBe(unicode)
})

test.each([
  { env: { NO_COLOR: '1', FORCE_COLOR: '1' }, color: false },
  { env: { NO_COLOR: '' }, color: true },
  { env: { FORCE_COLOR: '0' }, color: false },
  { env: { TERM: 'dumb' }, color: false },
])('$env: colour $color', ({ env, color }) => {
  expect(readCardStyle(TTY, env).color).toBe(color)
})
