import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extractBlocks, listCommands } from './extract.ts'
import { findFault, listRunPages, readPages, ROOT } from './pages.ts'
import { CHECKOUT_PAGES, linkModules, prepareProject, writeShims } from './project.ts'
import { type PageRun, runPage, writeBlock } from './run-page.ts'

const pages = await readPages()
const blocks = [...pages.values()].flat()
const RUN_PAGES = listRunPages(pages)

test('every block of the pages is run, or says why it is not', () => {
  expect(blocks.length).toBeGreaterThan(30)
  const faults = blocks.flatMap((block) => {
    const fault = findFault(block)
    return fault ? [`${block.page}:${block.line}: ${fault}`] : []
  })
  expect(faults).toEqual([])
})

test('a block that nothing runs and nobody marked is a fault', () => {
  const page = (text: string) => extractBlocks('x.md', text).map((block) => findFault(block))
  expect(page('```yaml\na: 1\n```')).toEqual([expect.stringContaining('nothing runs yaml')])
  expect(page('Text:\n\n    npx provemark list\n')).toEqual([expect.stringContaining('fence it')])
  expect(page('```\nx\n```')).toEqual([expect.stringContaining('fence it')])
  expect(page('<!-- not run: needs Slurm -->\n\n```yaml\na: 1\n```')).toEqual([undefined])
  expect(listCommands('a b # c\n\nd \\\n  e\n# f')).toEqual(['a b', 'd e'])
})

describe('the blocks of a page run', () => {
  const runs = new Map<string, PageRun>()
  let top = ''

  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), 'provemark-docs-'))
    const modules = await linkModules(top)
    const path = [join(top, 'bin'), join(modules, '.bin'), await writeShims(top)]
    for (const page of RUN_PAGES) {
      const dir = CHECKOUT_PAGES.includes(page) ? ROOT : await prepareProject(top, { page, modules })
      runs.set(page, { dir, path, isDry: true })
    }
  })

  afterAll(() => rm(top, { recursive: true, force: true }))

  test('all of their TypeScript compiles', async () => {
    // Several blocks of a page may be the same file, one after the other.
    for (const [index, block] of blocks.entries()) await writeBlock(block, join(top, `types/${index}`))
    expect(await compile(top, await glob('types/**/*.ts', { cwd: top, absolute: true }))).toBe('')
  })

  test.each(RUN_PAGES)('%s', { timeout: 600_000 }, async (page) => {
    expect(await runPage(pages.get(page)!, runs.get(page)!)).toEqual([])
  })
})

/** Errors of the type checker for the files of the pages. */
async function compile(dir: string, files: readonly string[]): Promise<string> {
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    allowImportingTsExtensions: true,
  }
  expect(files.length).toBeGreaterThan(8)
  await writeFile(join(dir, 'package.json'), '{"type":"module"}')
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { all } = await execa('tsc', ['-p', dir], {
    all: true,
    reject: false,
    preferLocal: true,
    localDir: ROOT,
  })
  return String(all)
}
