/** A block of code in a page of the documentation. */
export interface DocBlock {
  page: string
  /** Line of the fence, from 1. */
  line: number
  language: string
  code: string
  /** Why it is not run, from `<!-- not run: REASON -->` before it. */
  notRun?: string | undefined
  /** Why it is never more than a dry run, from `<!-- dry run: REASON -->` before it. */
  dryRun?: string | undefined
}

const FENCE = /^```(\w*)\s*$/
const NOT_RUN = /^<!-- not run: (.+) -->$/
const DRY_RUN = /^<!-- dry run: (.+) -->$/
const INDENTED = /^ {4,}\S/

/** The blocks of a Markdown page: fenced ones, and indented ones, whose language is `indented`. */
export function extractBlocks(page: string, text: string): DocBlock[] {
  const lines = text.split('\n')
  const blocks: DocBlock[] = []
  for (let index = 0; index < lines.length; index++) {
    const start = index
    const fence = FENCE.exec(lines[index]!)
    if (fence) {
      while (++index < lines.length && lines[index] !== '```');
      const code = lines.slice(start + 1, index).join('\n')
      const before = lines.slice(0, start).findLast(Boolean) ?? ''
      const notRun = NOT_RUN.exec(before)?.[1]
      const dryRun = DRY_RUN.exec(before)?.[1]
      blocks.push({ page, line: start + 1, language: fence[1] || 'none', code, notRun, dryRun })
    } else if (INDENTED.test(lines[index]!) && !lines[index - 1]?.trim()) {
      blocks.push({ page, line: start + 1, language: 'indented', code: lines[index]!.trim() })
    }
  }
  return blocks
}

/** Lines of a shell block, without comments; a backslash continues a line. */
export function listCommands(code: string): string[] {
  return code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter(Boolean)
}

/** Name of the file in a block of TypeScript, from its first line. */
export function fileOf(code: string): string | undefined {
  return /^\/\/ ([\w./-]+\.m?ts)$/m.exec(code.split('\n', 1)[0]!)?.[1]
}
