import { appendFile, chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { serveRegistry } from '../../fixtures/registry.ts'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { digestFile } from '../../src/lib/files.ts'
import { goEnvironment } from '../../src/system/go/build.ts'
import { PROGRAMS } from '../../src/system/go/program.ts'
import { findGo } from '../../src/system/go/toolchain.ts'
import { buildProgram, vetProgram } from './go-programs.ts'
import { fileOf, nameOf, packageOf, PLATFORMS, SCOPE } from './platforms.ts'
import { findQemu } from './qemu.ts'
import { stageRelease } from './stage.ts'

const ROOT = join(import.meta.dirname, '../..')
const [LINUX_X64, LINUX_ARM64] = PLATFORMS as [(typeof PLATFORMS)[0], (typeof PLATFORMS)[0]]
const HERE = `${process.platform}-${process.arch}`

let go: string
let out: string
let tarballs: string[]

beforeAll(async () => {
  go = await findGo(console.error)
  out = await mkdtemp(join(tmpdir(), 'provemark-release-'))
  tarballs = await stageRelease({ out, go })
})
afterAll(() => rm(out, { recursive: true, force: true }))

const listFiles = async (tarball: string) => (await execa('tar', ['-tzf', tarball])).stdout.split('\n')
const readManifest = async (folder: string) =>
  JSON.parse(await readFile(join(out, folder, 'package.json'), 'utf8')) as Record<string, unknown>

test('each platform has a package with its programs, which npm installs there alone', async () => {
  for (const [index, platform] of PLATFORMS.entries()) {
    const files = await listFiles(tarballs[index]!)
    const programs = platform.programs.map((program) => `package/bin/${fileOf(platform, program)}`)
    const texts = ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'package.json']
    expect(files.toSorted()).toEqual([...programs, ...texts.map((name) => `package/${name}`)].toSorted())
    const manifest = await readManifest(nameOf(platform))
    expect(manifest).toMatchObject({
      name: packageOf(platform),
      version: packageJson.version,
      os: [platform.os],
      cpu: [platform.cpu],
    })
    expect(manifest['private']).toBeUndefined()
    const notices = await readFile(join(out, nameOf(platform), 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    expect(notices).toContain('github.com/consensys/gnark v')
  }
})

test('provemark itself depends on them, knows their digests, and holds nothing that is only for a checkout', async () => {
  const manifest = await readManifest('provemark')
  const names = PLATFORMS.map(packageOf)
  expect(Object.keys(manifest['optionalDependencies'] as object).toSorted()).toEqual(names.toSorted())
  for (const key of ['devDependencies', 'scripts', 'workspaces', 'overrides'])
    expect(manifest[key]).toBeUndefined()
  const digests = JSON.parse(await readFile(join(out, 'provemark/dist/prebuilt.json'), 'utf8'))
  for (const platform of PLATFORMS) {
    for (const program of platform.programs) {
      const file = fileOf(platform, program)
      expect(digests[nameOf(platform)][file]).toBe(await digestFile(join(out, nameOf(platform), 'bin', file)))
    }
  }
  const files = await listFiles(tarballs.at(-1)!)
  expect(files.filter((file) => /\.test\.|_test\.go|fixtures\/(?!lenet)|\.all\./.test(file))).toEqual([])
})

test('every link of the pages on npm leads somewhere: to a file of this checkout, or elsewhere', async () => {
  const at = `${packageJson.homepage.replace('#readme', '')}/blob/v${packageJson.version}/`
  const readme = await readFile(join(out, 'provemark/README.md'), 'utf8')
  const links = [...readme.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link!)
  expect(links.filter((link) => !link.startsWith('https://'))).toEqual([])
  const own = links.filter((link) => link.startsWith(at)).map((link) => link.slice(at.length))
  expect(own.length).toBeGreaterThan(10)
  for (const path of own) await expect(readFile(join(ROOT, path), 'utf8')).resolves.not.toBe('')
})

test('another build gives the same bytes: from another folder, without the cache of the first', async () => {
  const dir = await temporaryFolder()
  await cp(join(ROOT, 'src'), join(dir, 'elsewhere/src'), { recursive: true })
  const env = { GOCACHE: join(dir, 'cache') }
  for (const program of LINUX_X64.programs) {
    const again = join(dir, program)
    await buildProgram(program, LINUX_X64, again, { go, root: join(dir, 'elsewhere'), env })
    expect(await digestFile(again)).toBe(await digestFile(join(out, 'linux-x64/bin', program)))
  }
})

test('go vet finds nothing in the programs of platforms that they cannot be run on here', async () => {
  const untried = PLATFORMS.filter(({ os }) => os !== 'linux')
  for (const platform of untried) {
    for (const program of platform.programs) await vetProgram(program, platform, { go })
  }
  expect(untried.map(nameOf)).toEqual(['darwin-x64', 'darwin-arm64', 'win32-x64'])
})

/** A script that runs a program for arm64. */
async function emulate(dir: string, program: string): Promise<string> {
  const path = join(dir, program)
  const qemu = process.arch === 'arm64' ? '' : await findQemu(console.error)
  await writeFile(path, `#!/bin/sh\nexec ${qemu} ${join(out, nameOf(LINUX_ARM64), 'bin', program)} "$@"\n`)
  await chmod(path, 0o755)
  return path
}

test('the embedded prover for arm64 proves and verifies, and refuses forgeries', async () => {
  const dir = await temporaryFolder()
  const bin = await emulate(dir, 'provemark-gnark')
  const tiny = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
  const { rows, exitCode } = await runBench(
    dir,
    ['depth'],
    [...tiny, '--iterations', '1', '--prover', `gnark,bin=${bin}`],
  )
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'compile ok',
    'witness ok',
    'prove ok',
    'verify ok',
  ])
  expect(rows.at(-1)?.controls).toMatchObject({ proof: 'rejected', output: 'rejected' })
  expect(exitCode).toBe(0)
})

test('the monitor for arm64 passes its own tests, and says what an emulator keeps from it', async () => {
  const qemu = process.arch === 'arm64' ? [] : ['-exec', await findQemu(console.error)]
  const env = { ...goEnvironment(), GOOS: 'linux', GOARCH: 'arm64' }
  const cwd = join(ROOT, PROGRAMS['provemark-monitor'])
  const { stdout } = await execa(go, ['test', '-v', ...qemu, './...'], { cwd, env, extendEnv: false })
  expect(stdout.match(/^--- PASS/gm)!.length).toBeGreaterThan(5)
  // qemu-user knows neither subreapers nor pidfds, so no process can be measured behind it.
  const dir = await temporaryFolder()
  const { stderr, exitCode } = await execa(await emulate(dir, 'provemark-monitor'), {
    reject: false,
    input: '',
  })
  const end = `${exitCode} ${stderr}`
  expect(['0 ', '2 provemark-monitor: prctl(PR_SET_CHILD_SUBREAPER): invalid argument']).toContain(end)
})

test.skipIf(HERE !== 'linux-x64')(
  'from npm install to a proof with Node alone; the seconds are printed',
  async () => {
    const { stdout } = await execa('node', ['scripts/first-proof.ts', out], { cwd: ROOT, preferLocal: true })
    console.log(stdout)
    expect(stdout).toMatch(/^[\d.]+ s {2}first LeNet proof, 4 phases ok$/m)
    expect(stdout).toMatch(/^[\d.]+ s {2}own bench file, 30 phases ok$/m)
    expect(stdout).toContain('the prover is prebuilt')
  },
)

test.skipIf(HERE !== 'linux-x64')('an installed program that was exchanged is not run', async () => {
  const dir = await temporaryFolder()
  await using registry = await serveRegistry(tarballs)
  await writeFile(join(dir, '.npmrc'), `${SCOPE}:registry=${registry.url}\n`)
  await writeFile(join(dir, 'package.json'), '{ "private": true }')
  const packages = [tarballs.at(-1)!, `vitest@${packageJson.devDependencies.vitest}`]
  await execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], { cwd: dir })
  const env = { PROVEMARK_CACHE: join(dir, 'cache'), NO_COLOR: '1', PROVEMARK_GO: '/nowhere' }
  const doctor = () =>
    execa('npx', ['provemark', 'doctor', 'gnark'], { cwd: dir, env, all: true, reject: false })
  expect((await doctor()).all).toContain('(prebuilt)')
  await appendFile(join(dir, 'node_modules', SCOPE, HERE, 'bin/provemark-gnark'), 'x')
  const refused = await doctor()
  expect(refused.all).toContain('PROVER_SETUP_FAILED')
  expect(refused.all).toMatch(
    /is not the program of this release: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/,
  )
  expect(refused.exitCode).toBe(1)
})

test('publishing, as far as it goes without publishing', async () => {
  const { all } = await execa('node', ['scripts/release.ts', 'publish', '--dry-run', '--out', out], {
    cwd: ROOT,
    preferLocal: true,
    all: true,
  })
  const published = [...all.matchAll(/^\+ (\S+)@(\S+)$/gm)].map(([, name, version]) => `${name} ${version}`)
  const names = [...PLATFORMS.map(packageOf), 'provemark']
  expect(published.toSorted()).toEqual(names.map((name) => `${name} ${packageJson.version}`).toSorted())
  expect(published.at(-1)).toBe(`provemark ${packageJson.version}`)
})

/** A copy of what a release writes its names and its version into, and runs its scripts there. */
async function copyCheckout() {
  const dir = await temporaryFolder()
  const files = ['package.json', 'package-lock.json', 'CHANGELOG.md', '.github', 'packages', 'scripts', 'src']
  for (const path of [...files, 'fixtures']) await cp(join(ROOT, path), join(dir, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  return {
    dir,
    read: (path: string) => readFile(join(dir, path), 'utf8'),
    run: (...args: string[]) => execa(process.execPath, ['scripts/release.ts', ...args], { cwd: dir }),
  }
}

test('the repository and the scope of the packages are written wherever they stand', async () => {
  const { dir, run, read } = await copyCheckout()
  await run('home', 'acme/prover-bench', '@acme')
  const { stdout } = await execa('grep', ['-rlE', `provemark/provemark|${SCOPE}/`, '--include=*.json', '.'], {
    cwd: dir,
    reject: false,
  })
  expect(stdout).toBe('')
  expect(JSON.parse(await read('package.json'))).toMatchObject({
    homepage: 'https://github.com/acme/prover-bench#readme',
    bugs: { url: 'https://github.com/acme/prover-bench/issues' },
    repository: { url: 'git+https://github.com/acme/prover-bench.git' },
    optionalDependencies: { '@acme/linux-x64': packageJson.version },
  })
  expect(JSON.parse(await read('packages/linux-x64/package.json')).name).toBe('@acme/linux-x64')
  expect(await read('.github/ISSUE_TEMPLATE/config.yml')).toContain('github.com/acme/prover-bench/security')
})

test('a new version is written wherever it stands, and heads the changes', async () => {
  const { dir, run } = await copyCheckout()
  await run('version', '9.8.7-beta.1')
  const { version, optionalDependencies } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'))
  expect([version, ...new Set(Object.values(optionalDependencies))]).toEqual(['9.8.7-beta.1', '9.8.7-beta.1'])
  expect(JSON.parse(await readFile(join(dir, 'packages/linux-x64/package.json'), 'utf8')).version).toBe(
    version,
  )
  expect(JSON.parse(await readFile(join(dir, 'package-lock.json'), 'utf8')).version).toBe(version)
  expect(await readFile(join(dir, 'CHANGELOG.md'), 'utf8')).toMatch(
    /## Unreleased\n\n## 9\.8\.7-beta\.1 \(\d{4}-\d\d-\d\d\)\n/,
  )
})
