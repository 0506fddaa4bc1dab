import { stripVTControlCharacters } from 'node:util'

/** What moves the cursor, reorders text or has no width: control and format characters, and halves of characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const INVISIBLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A name from a file or a prover as one line may show it: nothing in it can start a line or steer the terminal. */
export function printableName(name: string | undefined): string {
  return (name ?? '').replaceAll(INVISIBLE, '\uFFFD')
}

/** Text without what steers a terminal or reorders what is shown; its lines stay. */
export function dropControls(text: string): string {
  return stripVTControlCharacters(text).replaceAll(INVISIBLE_IN_LINES, '\uFFFD')
}
