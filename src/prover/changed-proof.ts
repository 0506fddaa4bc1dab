/** How many places of a proof are changed if its prover does not say how to forge one. */
const PLACES = 16

/**
 * Where to change a proof of unknown form: places spread evenly over its bytes. In a text, only digits of values are
 * changed: any other character might be part of the syntax, and a digit in a name, such as a JSON key, is not part of a
 * value.
 * @returns offsets, ascending, at most 16; empty if the text has no digit
 */
export function findPlaces(bytes: Uint8Array): number[] {
  const candidates = isText(bytes) ? findDigits(bytes) : undefined
  const count = candidates?.length ?? bytes.length
  const places = Math.min(PLACES, count)
  return Array.from({ length: places }, (_, i) => {
    const index = Math.floor(((i + 0.5) * count) / places)
    return candidates?.[index] ?? index
  })
}

/** The proof with one byte changed: a digit to the next one, but never to 0, which a number must not start with. */
export function changeAt(bytes: Uint8Array, offset: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const byte = changed[offset]!
  changed[offset] = isText(bytes) && isDigit(byte) ? ZERO + ((byte - ZERO) % 9) + 1 : byte ^ 1
  return changed
}

const ZERO = 0x30
const isDigit = (byte: number) => byte >= ZERO && byte <= ZERO + 9

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d))
}

/** A string before a colon is a key. */
const KEY = /"(?:[^"\\]|\\.)*"\s*:/g

function findDigits(bytes: Uint8Array): number[] {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(KEY, (key) => ' '.repeat(key.length))
  return [...text.matchAll(/\d/g)].map(({ index }) => index)
}

/** What programs print when they cannot read a file: such a proof was not verified, so it was not rejected either. */
const UNREAD =
  /deseriali[sz]|\bpars(?:e|er|ing)\b|\bdecod(?:e|ing)\b|malformed|unexpected (?:end|eof|token|byte|char)|\bEOF\b|invalid (?:length|encoding|json|utf|magic|header|format)|panicked at|Traceback \(most recent|SyntaxError/i

export function looksUnread(output: string): boolean {
  return UNREAD.test(output)
}
