import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import which from 'which'
import { temporaryFolder } from '../fixtures/run-bench.ts'

const pretest = (env: Record<string, string>) =>
  execa(process.execPath, [join(import.meta.dirname, 'pretest.ts')], { env, reject: false, all: true })

test('what is not there and cannot be brought is named in one line each', async () => {
  const dir = await temporaryFolder()
  const bin = join(dir, 'bin')
  await mkdir(bin)
  await symlink(await which('taskset'), join(bin, 'taskset'))
  const { exitCode, all } = await pretest({ PATH: bin, CHROMIUM: '/no/such/browser', PROVEMARK_GO: '/no/go' })
  const lines = all.split('\n')
  expect(lines).toContain('pretest: cannot bring programs: not on PATH: git, bash')
  expect(lines).toContain(
    'pretest: cannot bring a browser: there is no browser at /no/such/browser, which CHROMIUM names',
  )
  expect(all).toMatch(/^pretest: cannot bring Go: PROVEMARK_GO: expected the path of Go .* at \/no\/go$/m)
  expect(exitCode).toBe(1)
})

test('without Python it says which one to install', async () => {
  const dir = await temporaryFolder()
  const { exitCode, all } = await pretest({ PATH: dir, PROVEMARK_CACHE: dir, CHROMIUM: process.execPath })
  expect(all).toMatch(/^pretest: cannot bring the Python judges: .*install Python 3\.11 or newer$/m)
  expect(all).toMatch(/^pretest: cannot bring ezkl: .*no python3 on PATH$/m)
  expect(exitCode).toBe(1)
})
