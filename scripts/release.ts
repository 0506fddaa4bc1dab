/**
 * Releases: `pack` builds all packages into release/, `publish` publishes them (`--dry-run` only says what it would),
 * `version X.Y.Z` writes a new version wherever it stands, `notes vX.Y.Z` prints what CHANGELOG.md says of this one,
 * `home OWNER/REPOSITORY @SCOPE` moves the repository and the packages of the platforms to another owner and scope.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import semver from 'semver'
import packageJson from '../package.json' with { type: 'json' }
import { findGo } from '../src/system/go/toolchain.ts'
import { stageRelease } from './release/stage.ts'
import { nameOf, packageOf, PLATFORMS, SCOPE } from './release/platforms.ts'

const ROOT = join(import.meta.dirname, '..')
const USAGE = `usage: node scripts/release.ts pack | publish [--dry-run] | version X.Y.Z | notes vX.Y.Z |
       home OWNER/REPOSITORY @SCOPE`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'release' }, 'dry-run': { type: 'boolean', default: false } },
})
const out = resolve(values.out)
const [command, operand, scope] = positionals

if (command === 'pack') await packAll()
else if (command === 'publish') await publishAll(values['dry-run'])
else if (command === 'version' && operand && semver.valid(operand)) await setVersion(operand)
else if (command === 'notes') printNotes(operand)
else if (command === 'home' && /^[\w-]+\/[\w.-]+$/.test(operand ?? '') && /^@[a-z\d-]+$/.test(scope ?? ''))
  await setHome(operand!, scope!)
else {
  console.error(USAGE)
  process.exitCode = 2
}

async function packAll(): Promise<void> {
  const onProgress = (line: string) => console.error(line)
  const tarballs = await stageRelease({ out, onProgress, go: await findGo(onProgress) })
  for (const tarball of tarballs) console.log(tarball)
}

/**
 * Publishes the packed packages, provemark last: whoever installs it finds the others. Versions that are published
 * already are left alone, so that a publication that failed half way can be repeated.
 */
async function publishAll(isDryRun: boolean): Promise<void> {
  const tarballs = readdirSync(out).filter((name) => name.endsWith('.tgz'))
  const main = `provemark-${packageJson.version}.tgz`
  if (tarballs.length !== PLATFORMS.length + 1 || !tarballs.includes(main)) {
    throw new Error(`${out} does not hold ${main} and ${PLATFORMS.length} platforms: run pack first`)
  }
  const names = ['provemark', ...PLATFORMS.map(packageOf)].toReversed()
  for (const name of names) {
    const tarball = join(out, `${name.replace('@', '').replace('/', '-')}-${packageJson.version}.tgz`)
    const spec = `${name}@${packageJson.version}`
    if (!isDryRun && (await isPublished(spec))) {
      console.log(`${spec} is published already`)
      continue
    }
    const tag = semver.prerelease(packageJson.version) ? 'next' : 'latest'
    const args = ['publish', tarball, '--access', 'public', '--tag', tag, ...(isDryRun ? ['--dry-run'] : [])]
    await execa('npm', args, { cwd: out, stdio: ['ignore', 'inherit', 'inherit'] })
  }
}

async function isPublished(spec: string): Promise<boolean> {
  const { stdout, exitCode } = await execa('npm', ['view', spec, 'version'], { reject: false })
  return exitCode === 0 && stdout !== ''
}

/** Writes the version into all manifests and the lock file, and heads the changes since the last one with it. */
async function setVersion(version: string): Promise<void> {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
  if (!/^## Unreleased\n/m.test(changelog)) throw new Error('CHANGELOG.md has no section Unreleased')
  const dated = changelog.replace(
    /^## Unreleased\n/m,
    `## Unreleased\n\n## ${version} (${new Date().toISOString().slice(0, 10)})\n`,
  )
  editManifest('package.json', (own) => {
    const names = Object.keys(packageJson.optionalDependencies)
    return { ...own, version, optionalDependencies: Object.fromEntries(names.map((name) => [name, version])) }
  })
  for (const platform of PLATFORMS) {
    editManifest(join('packages', nameOf(platform), 'package.json'), (own) => ({ ...own, version }))
  }
  writeFileSync(join(ROOT, 'CHANGELOG.md'), dated)
  await updateLock()
}

/** Replaces the repository and the scope wherever they stand. */
async function setHome(repository: string, newScope: string): Promise<void> {
  const [old = ''] = /(?<=github\.com\/).+(?=\.git$)/.exec(packageJson.repository.url) ?? []
  const manifests = PLATFORMS.map((platform) => join('packages', nameOf(platform), 'package.json'))
  for (const path of ['package.json', '.github/ISSUE_TEMPLATE/config.yml', ...manifests]) {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const moved = text.replaceAll(`github.com/${old}`, `github.com/${repository}`)
    writeFileSync(join(ROOT, path), moved.replaceAll(`"${SCOPE}/`, `"${newScope}/`))
  }
  await updateLock()
}

async function updateLock(): Promise<void> {
  await execa('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: ROOT, stdio: 'inherit' })
}

/** A tag that is not this version, or a version without notes, must not be released. */
function printNotes(tag: string | undefined): void {
  const { version } = packageJson
  if (tag !== `v${version}`) throw new Error(`expected the tag v${version} of package.json, given ${tag}`)
  const [, ...sections] = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split(/^## /m)
  const notes = sections.find((section) => section.split(/\s/, 1)[0] === version)
  if (!notes)
    throw new Error(`CHANGELOG.md has no section ${version}: node scripts/release.ts version ${version}`)
  console.log(notes.slice(notes.indexOf('\n')).trim())
}

function editManifest(
  path: string,
  edit: (manifest: Record<string, unknown>) => Record<string, unknown>,
): void {
  const file = join(ROOT, path)
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  writeFileSync(file, `${JSON.stringify(edit(manifest), null, 2)}\n`)
}
