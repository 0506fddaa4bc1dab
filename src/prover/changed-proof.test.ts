import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changeAt, findPlaces, looksUnread } from './changed-proof.ts'

test('any proof is changed at up to 16 places, each in one byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const places = findPlaces(bytes)
      expect(new Set(places).size).toBe(places.length)
      for (const place of places) {
        const changed = changeAt(bytes, place)
        expect([...changed].flatMap((byte, i) => (byte === bytes[i] ? [] : [i]))).toEqual([place])
      }
    }),
  )
  expect(findPlaces(new Uint8Array(1000).fill(200))).toHaveLength(16)
  expect(findPlaces(new Uint8Array(3).fill(200))).toEqual([0, 1, 2])
})

test('a JSON proof stays one, with other numbers under the same keys', () => {
  const numbers = fc.array(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })))
  fc.assert(
    fc.property(numbers, fc.string(), (values, text) => {
      const proof = { pi_a0: values, 'curve"1:': text, nested: { 'k2\\': `0x${values.length}` } }
      const bytes = Buffer.from(JSON.stringify(proof, undefined, 1))
      if (bytes.some((byte) => byte >= 0x7f)) return
      for (const place of findPlaces(bytes)) {
        const changed = JSON.parse(Buffer.from(changeAt(bytes, place)).toString()) as typeof proof
        expect(Object.keys(changed)).toEqual(Object.keys(proof))
        expect(Object.keys(changed.nested)).toEqual(Object.keys(proof.nested))
      }
    }),
  )
  expect(findPlaces(Buffer.from('no digit'))).toEqual([])
})

test.each([
  ["thread 'main' panicked at src/main.rs:1", true],
  ['Error: failed to deserialize proof', true],
  ['SyntaxError: Unexpected token', true],
  ['unexpected EOF', true],
  ['verification failed: pairing does not hold', false],
  ['proof is INVALID', false],
  ['', false],
])('%j reads as an unreadable proof: %s', (output, expected) => {
  expect(looksUnread(output)).toBe(expected)
})
