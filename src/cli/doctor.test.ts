import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { temporaryFolder } from '../../fixtures/run-bench.ts'

const CLI = resolve('src/cli.ts')

/** Runs the command with nothing on PATH and an empty cache. */
async function runBare(args: string[]) {
  const cache = await temporaryFolder()
  const bin = join(cache, 'empty')
  await mkdir(bin)
  const env = { PATH: bin, PROVEMARK_CACHE: cache, NO_COLOR: '1', FORCE_COLOR: undefined }
  return execa(process.execPath, [CLI, ...args], { reject: false, env })
}

test('doctor names each missing prover and the command that mends it, and builds nothing', async () => {
  const { stdout, exitCode } = await runBare(['doctor'])
  expect(stdout).toContain('missing  gnark')
  expect(stdout).toContain('not built yet, and not prebuilt: a checkout builds its own')
  expect(stdout).toContain('next: npx provemark setup gnark')
  expect(stdout).toContain('next: npx provemark setup ezkl')
  expect(stdout).toContain('--prover jst,bin=PATH')
  expect(exitCode).toBe(1)
})

test('doctor --json gives the same as data', async () => {
  const { stdout } = await runBare(['doctor', '--json'])
  const { provers } = JSON.parse(stdout) as { provers: { name: string; status: string; hint: string }[] }
  expect(provers.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'gnark missing',
    'ezkl missing',
    'jst missing',
    'jstprove missing',
    'jstprove-remainder missing',
  ])
  expect(provers[1]?.hint).toBe('npx provemark setup ezkl')
})

test('doctor --json holds what a bug report needs, and nothing that tells who wrote it', async () => {
  const home = join(await temporaryFolder(), 'alice-example')
  const project = join(home, 'secret-project')
  await mkdir(project, { recursive: true })
  const env = {
    HOME: home,
    USER: 'alice-example',
    PROVEMARK_TAG: 'secret-tag',
    PROVEMARK_CACHE: join(home, 'c'),
  }
  const { stdout } = await execa(process.execPath, [CLI, 'doctor', '--json'], {
    cwd: project,
    env,
    reject: false,
  })
  expect(JSON.parse(stdout)).toMatchObject({
    provemark: packageJson.version,
    machine: { node: process.version, cores: expect.any(Number), kernel: expect.any(String) },
    environment: expect.arrayContaining(['PROVEMARK_TAG']),
  })
  expect(stdout).not.toMatch(/alice-example|secret|"commit"/)
  expect(stdout).not.toContain(hostname())
})

test('doctor --json hides a home folder that is a link, of a user without a name as in containers', async () => {
  const dir = await temporaryFolder()
  const home = join(dir, 'alice-example')
  await mkdir(join(home, 'bin'), { recursive: true })
  await symlink(home, join(dir, 'link-example'))
  await writeFile(join(home, 'bin/jst'), '#!/bin/sh\necho jst 1.2.3\n', { mode: 0o755 })
  const nameless = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'
    os.userInfo = () => { throw new Error('ENOENT') }; syncBuiltinESMExports()`
  const { stdout } = await execa(process.execPath, [CLI, 'doctor', 'jst', '--json'], {
    cwd: await temporaryFolder(),
    env: {
      HOME: join(dir, 'link-example'),
      PATH: `${home}/bin:${process.env['PATH']}`,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(nameless)}`,
    },
  })
  expect(JSON.parse(stdout).provers).toMatchObject([{ bin: '<home>/bin/jst', version: '1.2.3' }])
  expect(stdout).not.toContain('-example')
})

test('doctor looks for the provers that are named, a module among them', async () => {
  const module = resolve('fixtures/provers/command.ts')
  const named = await runBare(['doctor', 'jst', module])
  expect(named.stdout).toMatch(/^missing {2}jst .*\n.*\n.*\nok {7}echo /)
  expect(named.stdout).not.toContain('gnark')
  expect((await runBare(['doctor', 'nobody'])).stderr).toContain('PROVER_UNKNOWN')
})

test('setup of a prover that is not known names those that are', async () => {
  const { stderr, exitCode } = await runBare(['setup', 'nobody'])
  expect(stderr).toContain('PROVER_UNKNOWN')
  expect(stderr).toContain('gnark, ezkl, jst, jstprove, jstprove-remainder')
  expect(exitCode).toBe(2)
})
