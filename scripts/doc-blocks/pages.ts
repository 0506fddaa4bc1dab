import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import { extractBlocks, type DocBlock } from './extract.ts'

export const ROOT = join(import.meta.dirname, '../..')

/** Pages whose blocks a reader runs; docs/analysis.md has a separate test next to the oracles. */
const PATTERNS = ['*.md', 'docs/*.md', 'examples/**/*.md']
const WITHOUT_BLOCKS = ['CHANGELOG.md', 'docs/analysis.md', '**/node_modules/**']

/** Every page with its blocks, by path. */
export async function readPages(): Promise<Map<string, DocBlock[]>> {
  const paths = await glob(PATTERNS, { cwd: ROOT, ignore: WITHOUT_BLOCKS })
  const pages = new Map<string, DocBlock[]>()
  for (const page of paths.toSorted())
    pages.set(page, extractBlocks(page, await readFile(join(ROOT, page), 'utf8')))
  return pages
}

/** Output, or parts of a file: nothing that a reader runs. */
const SAMPLES = new Set(['text', 'diff'])
const RUN = new Set(['sh', 'ts'])

/** Why a block that does not run lacks its marker; undefined if the block is fine. */
export function findFault({ language, notRun }: DocBlock): string | undefined {
  if (notRun !== undefined || SAMPLES.has(language) || RUN.has(language)) return undefined
  return language === 'indented' || language === 'none'
    ? 'fence it with its language: sh, ts, or text for output'
    : `nothing runs ${language}: add <!-- not run: REASON --> before it`
}

/** Pages with a block that runs. */
export function listRunPages(pages: ReadonlyMap<string, readonly DocBlock[]>): string[] {
  const runs = ({ language, notRun }: DocBlock) => RUN.has(language) && notRun === undefined
  return [...pages].filter(([, blocks]) => blocks.some(runs)).map(([page]) => page)
}
