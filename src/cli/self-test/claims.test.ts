import { expect, test } from 'vitest'
import { exitCodeOf } from '../../gate/self-test/certify.ts'
import { claimsOf, countOutcome } from './certify-here.ts'
import type { Trial } from './trial.ts'

interface Phases {
  found: number
  missed: number
  spread?: number
}

function trial({ found, missed, spread = 0.02 }: Phases, more: Partial<Trial> = {}): Trial {
  const phase = (isFound: boolean) => ({ found: isFound, spread })
  const phases = [...Array(found).fill(phase(true)), ...Array(missed).fill(phase(false))]
  return { tests: 8, falseAlarm: false, phases, counterFound: true, ...more }
}

const quiet = countOutcome(0, [trial({ found: 0, missed: 4 }, { counterFound: false })])
const verdictsOf = (...trials: Trial[]) => claimsOf([quiet, countOutcome(0.5, trials)])

test('on a quiet machine a slowdown of 50 % has to be found in nine of ten phases', () => {
  const good = verdictsOf(trial({ found: 4, missed: 0 }), trial({ found: 4, missed: 0 }))
  expect(good.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds'])
  expect(exitCodeOf(good)).toBe(0)
  const bad = verdictsOf(trial({ found: 4, missed: 0 }), trial({ found: 3, missed: 1 }))
  expect(bad.map(({ verdict }) => verdict)).toEqual(['holds', 'does_not_hold', 'holds'])
  expect(exitCodeOf(bad)).toBe(1)
})

test('a busy machine lets nothing pass: the claim was not judged', () => {
  const claims = verdictsOf(trial({ found: 1, missed: 0 }), trial({ found: 3, missed: 4, spread: 0.3 }))
  expect(claims[1]).toMatchObject({
    verdict: 'not_judged',
    why: '1 of 8 had so little: the machine is busy',
  })
  expect(exitCodeOf(claims)).toBe(2)
})

test('smaller slowdowns are counted and not claimed', () => {
  const claims = claimsOf([quiet, countOutcome(0.2, [trial({ found: 1, missed: 3 })])])
  expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds'])
})

test('a false alarm and a counter that was not found are wrong whatever the machine does', () => {
  const noisy = { found: 0, missed: 4, spread: 1 }
  const alarmed = countOutcome(0, [trial(noisy, { falseAlarm: true })])
  const blind = countOutcome(0.5, [trial(noisy, { counterFound: false })])
  const claims = claimsOf([alarmed, blind])
  expect(claims.map(({ verdict }) => verdict)).toEqual(['does_not_hold', 'not_judged', 'does_not_hold'])
  expect(exitCodeOf(claims)).toBe(1)
})
