import { expect, test } from 'vitest'
import { Samples } from './figures.ts'

const SERIES: Record<string, number[]> = {
  'no number': [],
  'one that never varies': Array.from({ length: 2000 }, () => 7),
  'one that varies late': [...Array.from({ length: 2000 }, () => 7), 8, 7],
  'all different': Array.from({ length: 2000 }, (_, i) => i / 7),
}

test.each(Object.entries(SERIES))('gives back what it was given: %s', (_, values) => {
  const samples = new Samples(values)
  expect(samples.length).toBe(values.length)
  expect(samples.toArray()).toEqual(values)
})
