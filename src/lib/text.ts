import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** Decodes text as an editor or a shell wrote it: UTF-8, or UTF-16 with a byte order mark, which is removed. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}

/** Text of a file; empty if it cannot be read. */
export function readTextIfThere(path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch {
    return ''
  }
}

/** What moves the cursor, reorders text or has no width: control and format characters, and lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const INVISIBLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A name from a file or a prover, safe to print on one line: it cannot break the line or control the terminal. */
export function printableName(name: string | undefined): string {
  return (name ?? '').replaceAll(INVISIBLE, '\uFFFD')
}

/** Removes what controls a terminal or reorders text; keeps line breaks. */
export function dropControls(text: string): string {
  return stripVTControlCharacters(text).replaceAll(INVISIBLE_IN_LINES, '\uFFFD')
}
