import { expect, test } from 'vitest'
import { makeGateRows } from '../../fixtures/gate-rows.ts'
import { EVIDENCE, isDisturbed } from './disturbance.ts'
import { eachFigure } from './metrics.ts'

test('a row without evidence is neither disturbed nor undisturbed', () => {
  expect(isDisturbed({})).toBeUndefined()
  expect(isDisturbed({ disturbed: null })).toBeUndefined()
  expect(isDisturbed({ disturbed: 0 })).toBe(false)
  expect(isDisturbed({ disturbed: 0.6 })).toBe(true)
})

const withEvidence = makeGateRows({ seed: 1 }).map((row) => ({
  ...row,
  ...Object.fromEntries(EVIDENCE.map((name) => [name, 0.5])),
}))

test('what others did is no metric: nothing in a row of evidence can be budgeted or compared', () => {
  const names = new Set<string>()
  for (const row of withEvidence) eachFigure(row, (name) => names.add(name))
  expect([...names].filter((name) => EVIDENCE.some((own) => own === name))).toEqual([])
  expect(names).toContain('time_s')
})
