import { expect, test } from 'vitest'
import { hasNoZone, normalizeTime } from './outcome.ts'

test.each([
  ['2026-01-02T03:00:00.000Z', '2026-01-02T03:00:00.000Z'],
  ['2026-01-02T03:00:00Z', '2026-01-02T03:00:00.000Z'],
  ['2026-01-02t03:00:00z', '2026-01-02T03:00:00.000Z'],
  ['2026-01-03T02:00:00.000+14:00', '2026-01-02T12:00:00.000Z'],
  ['2026-01-02T03:00:00-10:00', '2026-01-02T13:00:00.000Z'],
  ['2026-01-02 03:00:00.123456+0530', '2026-01-01T21:30:00.123Z'],
  ['2026-01-02T03:00+05', '2026-01-01T22:00:00.000Z'],
  ['2026-01-02T03:00:00', '2026-01-02T03:00:00.000'],
  ['2026-01-02 03:00:00.123456', '2026-01-02T03:00:00.123'],
])('%s', (timestamp, time) => {
  expect(normalizeTime(timestamp)).toBe(time)
  expect(hasNoZone(time)).toBe(!time.endsWith('Z'))
})

test.each(['', null, undefined, 'yesterday', '2026-13-02T03:00:00Z', '1767322800', '2026-01-02'])(
  '%j is no time',
  (timestamp) => {
    expect(normalizeTime(timestamp)).toBeNull()
  },
)
