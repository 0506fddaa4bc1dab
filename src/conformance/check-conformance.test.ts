import { expect, test } from 'vitest'
import { checkConformance } from './index.ts'

const HASHER = 'fixtures/provers/hasher.ts'
const LONG = { timeout: 180_000 }

test('a prover that behaves conforms', LONG, async () => {
  const { prover, checks, failures } = await checkConformance(HASHER)
  expect(failures).toEqual([])
  expect(prover).toEqual({ name: 'hasher', version: '1.0.0' })
  expect(checks.map(({ result }) => result)).toEqual(checks.map(() => 'passed'))
})

test('the embedded prover conforms', LONG, async () => {
  const { checks, failures } = await checkConformance('gnark')
  expect(failures).toEqual([])
  expect(checks.map(({ result }) => result)).toEqual(checks.map(() => 'passed'))
})

test.each([
  ['unordered=true', ['phases']],
  ['forget=circuit', ['artifacts']],
  ['unstable=true', ['counters', 'determinism']],
  ['silent=true', ['counters']],
  ['accept=proof', ['forged_proof']],
  ['accept=output', ['forged_output']],
  ['crash=true', ['forged_proof', 'forged_output']],
  ['off_by=0.5', ['proved_output']],
  ['swallow=true', ['bad_model', 'bad_input']],
  ['leak=true', ['cancel']],
] as const)('with %s it fails: %s', LONG, async (option, only) => {
  const { checks } = await checkConformance(`${HASHER},${option}`, { only })
  expect(checks.map(({ check, result }) => `${check} ${result}`)).toEqual(
    only.map((check) => `${check} failed`),
  )
})

test('a reader that throws fails', async () => {
  const { failures } = await checkConformance('fixtures/provers/thrower.ts', { only: ['parsing'] })
  expect(failures).toEqual([expect.stringMatching(/^no output breaks its reader: its reader threw: /)])
})
