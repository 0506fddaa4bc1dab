import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cnnShape, planPools, type CnnParams } from './cnn.ts'

const reference: CnnParams = {
  depth: 3,
  input_hw: 56,
  in_ch: 4,
  conv_out_ch: 16,
  fc_hidden: 128,
  n_actions: 10,
}

test.each([
  [{ depth: 1, input_hw: 56 }, 1],
  [{ depth: 3, input_hw: 56 }, 2],
  [{ depth: 12, input_hw: 56 }, 2],
  [{ depth: 5, input_hw: 112, pool_cap: 4 }, 4],
  [{ depth: 5, input_hw: 112, pool_cap: 0 }, 0],
  [{ depth: 5, input_hw: 56, stop_at_hw: 7 }, 3],
  [{ depth: 5, input_hw: 56, stop_at_hw: 8 }, 2],
  [{ depth: 5, input_hw: 56, stop_at_hw: 57 }, 0],
  [{ depth: 5, input_hw: 56, stop_at_hw: 7, pool_cap: 2 }, 2],
  [{ depth: 5, input_hw: 56, stop_at_hw: 28, pool_cap: 2 }, 1],
  [{ depth: 9, input_hw: 1, stop_at_hw: 1 }, 0],
])('%o has %i pools', (plan, pools) => {
  expect(planPools(plan)).toBe(pools)
})

test('a plan in which a side would fall below 1 is refused with its figures', () => {
  expect(() => planPools({ depth: 5, input_hw: 14, pool_cap: 4 })).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: 'depth 5 at 14x14: 4 pools would shrink the side below 1, 3 are possible',
      hint: 'set pool_cap to 3 or less, or a larger input_hw',
    }),
  )
  expect(() => planPools({ depth: 1, input_hw: 1 })).toThrow('depth 1 at 1x1')
})

test('no plan leaves a side below 1 or below stop_at_hw', () => {
  const positive = fc.integer({ min: 1, max: 300 })
  fc.assert(
    fc.property(positive, positive, positive, (depth, input_hw, stop_at_hw) => {
      const pools = planPools({ depth, input_hw, stop_at_hw })
      expect(pools === 0 || Math.floor(input_hw / 2 ** pools) >= stop_at_hw).toBe(true)
      expect(pools === depth || Math.floor(input_hw / 2 ** (pools + 1)) < stop_at_hw).toBe(true)
    }),
    { seed: 3 },
  )
})

test('counts of the reference point, worked out by hand', () => {
  expect(cnnShape(reference)).toEqual({
    conv: 3,
    pool: 2,
    fc: 1,
    relu: 4,
    // conv 592 + 2 * 2320, fc 128 * (16 * 14 * 14 + 1), fc 10 * 129
    param_count: 592 + 4640 + 401_536 + 1290,
    final_hw: 14,
    flat: 3136,
  })
})

test('parameters that make no model are all named', () => {
  expect(() => cnnShape({ ...reference, depth: 0, fc_hidden: 1.5 })).toThrow('depth 0, fc_hidden 1.5')
  expect(() => cnnShape({ ...reference, input_hw: 5000, pool_cap: 0 })).toThrow('more than the 2 GiB')
})
