import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { glob } from 'tinyglobby'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { extractBlocks, listCommands } from './extract.ts'
import { findFault, readPages, ROOT } from './pages.ts'
import { CHECKOUT_PAGES, linkModules, prepareProject, writeShims } from './project.ts'
import { type PageRun, runPage } from './run-page.ts'

const pages = await readPages()
const blocks = [...pages.values()].flat()

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

test('the blocks of the pages run: their files compile, their commands end with 0', async () => {
  const top = await temporaryFolder()
  const modules = await linkModules(top)
  const path = [join(top, 'bin'), join(modules, '.bin'), await writeShims(top)]
  const runs: Promise<PageRun>[] = [...pages.keys()].map(async (page) => ({
    page,
    path,
    dir: CHECKOUT_PAGES.includes(page) ? ROOT : await prepareProject(top, { page, modules }),
    isDry: true,
  }))
  const projects = await Promise.all(runs)
  const failures: string[] = []
  const lane = async () => {
    for (let run = projects.pop(); run; run = projects.pop())
      failures.push(...(await runPage(pages.get(run.page)!, run)))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  expect(failures).toEqual([])
  const files = await glob('*/**/*.ts', {
    cwd: top,
    absolute: true,
    ignore: ['node_modules/**', '**/node_modules/**'],
  })
  expect(await compile(top, files)).toBe('')
})

/** What the type checker says of the files of the pages. */
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
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { all } = await execa('tsc', ['-p', dir], {
    all: true,
    reject: false,
    preferLocal: true,
    localDir: ROOT,
  })
  return String(all)
}
