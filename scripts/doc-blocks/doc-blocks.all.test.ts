import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPages } from './pages.ts'
import { linkModules, prepareProject, writeShims } from './project.ts'
import { runPage } from './run-page.ts'

/** Pages whose commands are really run here; `npm test` plans those of every page. */
const PAGES = ['docs/api.md', 'docs/config.md', 'docs/models.md', 'docs/provers.md', 'docs/report.md']

const pages = await readPages()
let top = ''
let modules = ''
let path: string[] = []

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'provemark-docs-'))
  modules = await linkModules(top)
  path = [join(top, 'bin'), join(modules, '.bin'), await writeShims(top)]
})

afterAll(() => rm(top, { recursive: true, force: true }))

test.each(PAGES)('%s, run for real', async (page) => {
  const dir = await prepareProject(top, { page, modules })
  expect(await runPage(pages.get(page)!, { dir, path, isDry: false })).toEqual([])
})
