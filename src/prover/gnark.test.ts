import { expect, test } from 'vitest'
import { gnark } from './gnark.ts'

// Beyond 2^53 adding one gives the same number in JavaScript: the forgery would be the true output, and accepted.
test.each(['0', '-7', '9007199254740992', '2305843009213693951', '-2305843009213693952'])(
  'a forged output is another number than %s',
  (last) => {
    const bytes = Buffer.from(`{"output":[1,0],"ints":[16,${last}],"scale_bits":4}`)
    const forged = gnark.tamper!.output!.forge(bytes)
    const { ints, output } = JSON.parse(Buffer.from(forged).toString())
    expect(ints[0]).toBe(16)
    expect(ints[1]).toBeGreaterThan(Number(last))
    expect(output).toEqual([1, ints[1] / 16])
  },
)
