import { readFileSync } from 'node:fs'

/** A small file's text without its last newline, or undefined: most of what a system says of itself is optional. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return undefined
  }
}
