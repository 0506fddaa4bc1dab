import { createColors } from 'picocolors'
import { toAscii } from './format.ts'

/** The capabilities of the terminal or file that a card is printed to. */
export interface CardStyle {
  /** In columns. */
  width: number
  /** Where a terminal breaks longer lines; absent for a file or a log. */
  columns?: number | undefined
  /** Whether to use box drawing characters, bars and ±; if not, ASCII. */
  unicode: boolean
  color: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_WIDTH = 120

/**
 * PROVEMARK_ASCII=1 forces ASCII and =0 Unicode; otherwise terminal and locale decide. NO_COLOR and FORCE_COLOR take
 * precedence over the terminal.
 */
export function readCardStyle(
  stream: { isTTY?: boolean; columns?: number },
  env: Environment = process.env,
): CardStyle {
  return {
    width: stream.columns || DEFAULT_WIDTH,
    columns: stream.columns || undefined,
    unicode: allowsUnicode(env),
    color: allowsColor(stream, env),
  }
}

function allowsUnicode(env: Environment): boolean {
  if (env['PROVEMARK_ASCII']) return env['PROVEMARK_ASCII'] === '0'
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false
  // Containers and CI usually set no locale, and their logs are UTF-8.
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'UTF-8'
  return /utf-?8/i.test(locale)
}

function allowsColor({ isTTY }: { isTTY?: boolean }, env: Environment): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
  return isTTY === true && env['TERM'] !== 'dumb'
}

/** Colours text and converts it to ASCII if the style requires it. */
export function createPaint({ unicode, color }: CardStyle) {
  const colors = createColors(color)
  return (format: 'bold' | 'green' | 'red' | 'yellow' | null, text: string): string => {
    const shown = unicode ? text : toAscii(text)
    return format ? colors[format](shown) : shown
  }
}
