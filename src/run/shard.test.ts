import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeShard } from './shard.ts'

const unitsOf = (costs: number[]) => costs.map((cost, i) => ({ track: 't', point: `p${i}`, cost }))
const splitAll = (costs: number[], count: number) =>
  Array.from({ length: count }, (_, i) => takeShard(unitsOf(costs), { index: i + 1, count }))

test('every point is in exactly one shard, in the order of the run, and all shards agree on the split', () => {
  const costs = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 40 })
  fc.assert(
    fc.property(costs, fc.integer({ min: 1, max: 9 }), (given, count) => {
      const shards = splitAll(given, count)
      const taken = shards.map(({ units }) => units.map(({ point }) => Number(point.slice(1))))
      expect(taken.flat().toSorted((a, b) => a - b)).toEqual(given.map((_, i) => i))
      for (const own of taken) expect(own).toEqual(own.toSorted((a, b) => a - b))
      expect(new Set(shards.map(({ shard }) => shard.split)).size).toBe(1)
      expect(shards.filter(({ units }) => !units.length)).toEqual(shards.slice(given.length))
    }),
  )
})

test('no shard has more than its fair part and less than one point over it', () => {
  const costs = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(costs, fc.integer({ min: 1, max: 6 }), (given, count) => {
      const loads = splitAll(given, count).map(({ units }) => units.reduce((sum, { cost }) => sum + cost, 0))
      const total = given.reduce((sum, cost) => sum + cost, 0)
      // Graham's bound for assigning each point to the least loaded shard.
      const bound = total / count + (1 - 1 / count) * Math.max(...given)
      expect(Math.max(...loads)).toBeLessThanOrEqual(bound * (1 + 1e-12))
    }),
  )
  expect(splitAll([7, 6, 5, 4, 3, 2, 1], 2).map(({ units }) => units.map(({ cost }) => cost))).toEqual([
    [7, 4, 3],
    [6, 5, 2, 1],
  ])
})

test('another cost or another number of points is another split', () => {
  const split = (costs: number[], count = 2) => takeShard(unitsOf(costs), { index: 1, count }).shard.split
  expect(split([3, 2, 1])).toBe(split([30, 20, 10]))
  expect(split([3, 2, 1])).not.toBe(split([1, 2, 3]))
  expect(split([3, 2, 1])).not.toBe(split([3, 2, 1, 1]))
  expect(split([3, 2, 1])).not.toBe(split([3, 2, 1], 3))
})
