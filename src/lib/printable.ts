import { stripVTControlCharacters } from 'node:util'

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
