import { array, assert, integer, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { HeadTail } from './head-tail.ts'

test('keeps the first and the last bytes, however they arrive', () => {
  assert(
    property(
      array(uint8Array({ maxLength: 40 }), { maxLength: 40 }),
      integer({ min: 1, max: 50 }),
      integer({ min: 1, max: 50 }),
      (chunks, headLimit, tailLimit) => {
        const all = Buffer.concat(chunks)
        const kept = new HeadTail(headLimit, tailLimit)
        for (const chunk of chunks) kept.write(chunk)
        const beyond = all.subarray(headLimit)
        expect(kept.head()).toEqual(all.subarray(0, headLimit))
        expect(kept.tail()).toEqual(beyond.subarray(Math.max(0, beyond.length - tailLimit)))
        const { from, to } = kept.dropped
        expect(from + (to - from) + kept.tail().length).toBe(all.length)
      },
    ),
  )
})
