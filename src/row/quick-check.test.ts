import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import { makeQuickCheck } from './quick-check.ts'
import { type Row, rowSchema } from './schema.ts'

const check = makeQuickCheck(rowSchema)
const good = [...makeSweepRows({ failure: true })].map((row): Row =>
  row.phase === 'verify' ? { ...row, controls: { proof: 'rejected', output: 'not_applicable' } } : row,
)

test('rows as a run writes them are seen to fit without the schema', () => {
  expect(good.filter((row) => !check(row))).toEqual([])
})

test('whatever stands in a field, what passes is taken by the schema as it is', () => {
  const names = fc.constantFrom(...Object.keys(rowSchema.shape))
  const odd = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(-1, 0.5, 1e300, 2 ** 60, 'ok', {}, []))
  let passed = 0
  fc.assert(
    fc.property(fc.constantFrom(...good), names, odd, (row, name, value) => {
      const changed = JSON.parse(JSON.stringify({ ...row, [name]: value })) as unknown
      if (!check(changed)) return
      passed++
      expect(rowSchema.parse(changed)).toEqual(changed)
    }),
    { numRuns: 3000, seed: 9 },
  )
  expect(passed).toBeGreaterThan(300)
})

test('what it does not understand it leaves to the schema', () => {
  for (const schema of [
    z.number().gt(0),
    z.number().multipleOf(3),
    z.string().min(1),
    z.object({ a: z.number() }),
    z.looseObject({ a: z.number() }).refine(({ a }) => a === 2),
    z.array(z.number()).max(0),
    z.number().refine((value) => value === 2),
    z.partialRecord(z.enum(['a']), z.number()),
    z.record(z.enum(['a', 'b']), z.number()),
  ]) {
    const values = [1, 3, 0, '', 'x', { a: 1 }, { a: 1, b: 2 }, [1]]
    expect(
      values.filter((value) => makeQuickCheck(schema)(value) && !schema.safeParse(value).success),
    ).toEqual([])
  }
})
