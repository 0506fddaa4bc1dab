import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import { expect, test } from 'vitest'
import { buildReportClient } from '../scripts/report-client.ts'

const ROOT = join(import.meta.dirname, '..')

/** The stages of a run: a folder may import from its own stage and from earlier ones. */
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
  'process',
  'system',
  'report',
  'render',
  'gate',
  'row',
  'lib',
]

/** Source files of the product, each with the files it imports, including types and dynamic imports. */
async function readImports(): Promise<Map<string, string[]>> {
  const files = await glob(['src/**/*.ts', 'reporters/**/*.ts'], { cwd: ROOT, ignore: ['**/*.test.ts'] })
  const graph = new Map<string, string[]>()
  for (const file of files.toSorted()) {
    const source = await readFile(join(ROOT, file), 'utf8')
    const paths = source.matchAll(/(?:from|import|import\() ?'(\.\.?\/[^']+)'/g)
    graph.set(
      file,
      [...paths].map(([, path = '']) => join(file, '..', path)),
    )
  }
  return graph
}

const graph = await readImports()
const edges = [...graph].flatMap(([file, imported]) => imported.map((other) => [file, other] as const))
const describeEdges = (wrong: typeof edges) => wrong.map(([file, other]) => `${file} imports ${other}`)

test('imports point one way along the pipeline', () => {
  const stageOf = (file: string) => STAGES.indexOf(/^src\/(\w+)\//.exec(file)?.[1] ?? '')
  const backwards = edges.filter(([file, other]) => stageOf(other) >= 0 && stageOf(other) < stageOf(file))
  expect(edges.length).toBeGreaterThan(500)
  expect(describeEdges(backwards)).toEqual([])
})

test('the reporters build on src, and src does not know them', () => {
  const wrong = edges.filter(([file, other]) => file.startsWith('src/') && other.startsWith('reporters/'))
  expect(describeEdges(wrong)).toEqual([])
})

test('the product imports nothing of its tests, scripts, suites and examples', () => {
  const wrong = edges.filter(([, other]) => !/^(src|reporters)\/|^package\.json$/.test(other))
  expect(describeEdges(wrong)).toEqual([])
})

test('the page of the report needs no module that only Node has', async () => {
  await expect(buildReportClient()).resolves.toContain('@observablehq/plot')
  const refused = buildReportClient(join(ROOT, 'src/lib/whole-file.ts'))
  await expect(refused).rejects.toThrow(
    /whole-file\.ts imports node:[\w/]+, but is part of the report's page/,
  )
})

test('no file imports itself by way of others, be it for a type', () => {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file)) return
    done.add(file)
    for (const other of graph.get(file) ?? []) visit(other, [...path, file])
  }
  for (const file of graph.keys()) visit(file, [])
  expect(circles).toEqual([])
})
