import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { lockAddressOf } from '../run-lock.ts'
import { buildGo } from './build.ts'

const HOLDER = fileURLToPath(new URL('../../../fixtures/hold-run-lock.ts', import.meta.url))

beforeAll(() => void vi.stubEnv('PROVEMARK_CACHE', mkdtempSync(join(tmpdir(), 'provemark-build-'))))
afterAll(() => void vi.unstubAllEnvs())

function writeModule(body: string): string {
  const sourceDir = mkdtempSync(join(tmpdir(), 'provemark-module-'))
  writeFileSync(join(sourceDir, 'go.mod'), 'module example/hello\n\ngo 1.24.0\n')
  writeFileSync(join(sourceDir, 'main.go'), `package main\n\nfunc main() { ${body} }\n`)
  return sourceDir
}

test('builds once, and anew when a source changes', async () => {
  const sourceDir = writeModule('println("one")')
  const lines: string[] = []
  const build = () => buildGo({ sourceDir, name: 'hello', onProgress: (line) => lines.push(line) })
  const first = await build()
  expect((await execa(first)).stderr).toBe('one')
  expect(lines[0]).toMatch(/^building hello \(once; kept in /)
  // The existing file is run.
  expect(statSync(dirname(first)).mode & 0o777).toBe(0o700)
  lines.length = 0
  expect(await build()).toBe(first)
  expect(lines).toEqual([])

  writeFileSync(join(sourceDir, 'main.go'), 'package main\n\nfunc main() { println("two") }\n')
  const second = await build()
  expect((await execa(second)).stderr).toBe('two')
  expect((await execa(first)).stderr).toBe('one')
})

test('builds that ask at once get one executable, and leave nothing else behind', async () => {
  const sourceDir = writeModule('println("shared")')
  const lines: string[] = []
  const build = () => buildGo({ sourceDir, name: 'shared', onProgress: (line) => lines.push(line) })
  const built = await Promise.all([build(), build(), build()])
  expect(new Set(built).size).toBe(1)
  expect(lines.filter((line) => line.startsWith('built '))).toHaveLength(1)
  const folder = join(process.env['PROVEMARK_CACHE']!, 'bin')
  expect(readdirSync(folder).filter((name) => name.startsWith('shared'))).toHaveLength(1)
})

test('one who waits for a build goes on when its process is killed', async () => {
  const sourceDir = writeModule('println("after")')
  const address = lockAddressOf(process.platform, 'locked')
  const holder = execa(process.execPath, [HOLDER, JSON.stringify(address)], { reject: false })
  expect(String(await once(holder.stdout, 'data'))).toBe('holds\n')
  const waits = Promise.withResolvers<string>()
  const building = buildGo({ sourceDir, name: 'locked', onProgress: waits.resolve })
  expect(await waits.promise).toBe('waiting for another process that builds locked')
  holder.kill('SIGKILL')
  const built = await building
  expect((await execa(built)).stderr).toBe('after')
  rmSync(built)
})

test('a build that fails says what Go said', async () => {
  const sourceDir = writeModule('undefinedFunction()')
  await expect(buildGo({ sourceDir, name: 'broken' })).rejects.toMatchObject({
    code: 'PROVER_SETUP_FAILED',
    message: expect.stringMatching(/broken[^]*undefined: undefinedFunction/),
  })
})
