import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import { expect, test } from 'vitest'

/** The stages of a run: a folder imports from its own stage and from those behind it. */
const STAGES = [
  'cli',
  'run',
  'config',
  'track',
  'point',
  'plan',
  'prover',
  'reference',
  'model',
  'phase',
  'measure',
  'report',
  'gate',
  'row',
]

test('imports point one way along the pipeline', async () => {
  const files = await glob('*/**/*.ts', { cwd: import.meta.dirname, ignore: ['**/*.test.ts'] })
  const backwards: string[] = []
  for (const file of files) {
    const stage = STAGES.indexOf(file.split('/')[0]!)
    const source = await readFile(join(import.meta.dirname, file), 'utf8')
    for (const [, path = ''] of source.matchAll(/from '(\.\.?\/[^']+)'/g)) {
      const imported = join(file, '..', path)
      const other = STAGES.indexOf(imported.split('/')[0]!)
      if (other >= 0 && other < stage) backwards.push(`${file} imports ${imported}`)
    }
  }
  expect(files.length).toBeGreaterThan(50)
  expect(backwards).toEqual([])
})
