/**
 * Makes the packages of a release: one of each platform with its programs, and provemark itself, which holds their
 * digests.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import packageJson from '../../package.json' with { type: 'json' }
import { digestFile } from '../../src/lib/files.ts'
import type { ReleasedDigests } from '../../src/system/go/program.ts'
import { buildProgram, collectGoLicenses, type GoOptions } from './go-programs.ts'
import { fileOf, nameOf, type Platform, PLATFORMS } from './platforms.ts'

const ROOT = join(import.meta.dirname, '../..')
const TITLES: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
/** What has been run, and where; the rest is cross-compiled and has only been vetted. */
const TRIED: Readonly<Record<string, string>> = {
  'linux-x64': 'The programs are tested on Linux x64.',
  'linux-arm64':
    'The prover is tested under emulation (qemu-user) on Linux x64; the monitor runs its own tests there, but an emulator cannot start processes for it.',
}
const UNTRIED = 'The program is cross-compiled and vetted, and has not been run on this platform.'

export interface StageOptions extends GoOptions {
  /** Folder for the packages; what is in it is replaced. */
  out: string
  onProgress?: (line: string) => void
}

/**
 * Builds and packs everything.
 * @returns paths of the tarballs in the order in which they are published: provemark comes last
 */
export async function stageRelease({ out, onProgress, ...go }: StageOptions): Promise<string[]> {
  const report = onProgress ?? (() => {})
  if (!existsSync(join(ROOT, 'dist/cli.js'))) throw new Error('there is no dist: run npm run build first')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const digests: Record<string, Readonly<Record<string, string>>> = {}
  const tarballs: string[] = []
  for (const platform of PLATFORMS) {
    report(`building the programs for ${nameOf(platform)}`)
    const folder = join(out, nameOf(platform))
    digests[nameOf(platform)] = await stagePlatform(platform, folder, go)
    tarballs.push(await pack(folder, out))
  }
  report('packing provemark')
  tarballs.push(await stageMain(join(out, 'provemark'), out, digests))
  return tarballs
}

/** What is only for the checkout. */
const OF_CHECKOUT = new Set(['workspaces', 'scripts', 'devDependencies', 'overrides', 'allowScripts'])

/** The package as npm packs it, with the digests of the programs and without what is only for the checkout. */
async function stageMain(folder: string, out: string, digests: ReleasedDigests): Promise<string> {
  const plain = await pack(ROOT, out)
  mkdirSync(folder)
  await execa('tar', ['-xzf', plain, '--strip-components=1', '-C', folder])
  rmSync(plain)
  writeFileSync(join(folder, 'dist/prebuilt.json'), `${JSON.stringify(digests, null, 2)}\n`)
  const manifest = Object.entries(packageJson).filter(([key]) => !OF_CHECKOUT.has(key))
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(Object.fromEntries(manifest), null, 2)}\n`)
  for (const page of ['README.md', 'CHANGELOG.md']) {
    const path = join(folder, page)
    writeFileSync(path, makeLinksAbsolute(readFileSync(path, 'utf8')))
  }
  return pack(folder, out)
}

/** On the npm page and in node_modules, links to other pages of the checkout lead to its state at this version. */
function makeLinksAbsolute(markdown: string): string {
  const place = packageJson.repository.url.replaceAll(/^git\+|\.git$/g, '')
  return markdown.replaceAll(
    /(!?)(\[[^\]]*\]\()(?![a-z]+:|#)([^)]+\))/g,
    (_, image: string, label: string, target: string) =>
      `${image}${label}${place}/${image ? 'raw' : 'blob'}/v${packageJson.version}/${target}`,
  )
}

async function stagePlatform(
  platform: Platform,
  folder: string,
  go: GoOptions,
): Promise<Readonly<Record<string, string>>> {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const digests: Record<string, string> = {}
  for (const program of platform.programs) {
    const path = join(folder, 'bin', fileOf(platform, program))
    await buildProgram(program, platform, path, go)
    digests[fileOf(platform, program)] = await digestFile(path)
  }
  const { stdout: version } = await execa(go.go, ['env', 'GOVERSION'])
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(makeManifest(platform), null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), makeReadme(platform, version, digests))
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), `${await collectGoLicenses(platform, go)}\n`)
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  return digests
}

/**
 * The checkout's manifest is private and has no `os` and `cpu`, since npm would refuse to install a workspace of another
 * platform.
 */
function makeManifest(platform: Platform): Record<string, unknown> {
  const path = join(ROOT, 'packages', nameOf(platform), 'package.json')
  const { private: _, ...own } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  const { version, homepage, bugs, repository, publishConfig } = packageJson
  const { os, cpu } = platform
  return {
    ...own,
    version,
    homepage,
    bugs,
    repository,
    os: [os],
    cpu: [cpu],
    files: ['bin', 'THIRD-PARTY-NOTICES.txt'],
    // Yarn leaves packages zipped otherwise, and nothing can be run from a zip file.
    preferUnplugged: true,
    publishConfig,
  }
}

function makeReadme(
  platform: Platform,
  goVersion: string,
  digests: Readonly<Record<string, string>>,
): string {
  const { os, cpu } = platform
  const lines = Object.entries(digests).map(([file, sha256]) => `| ${file} | ${sha256} |`)
  return `# Programs of provemark for ${TITLES[os]} on ${cpu}

Installed by [provemark](${packageJson.homepage}), which checks their digests before it runs them. There is no reason
to install this package yourself.

${TRIED[nameOf(platform)] ?? UNTRIED}

Built with ${goVersion} from the sources in the package \`provemark\`, version ${packageJson.version}. The same sources and the
same version of Go give the same bytes: \`node scripts/release.ts pack\` in a checkout of that version.

| program | SHA-256 |
| --- | --- |
${lines.join('\n')}
`
}

/** Packs a folder without running its scripts, which would rebuild it. */
async function pack(folder: string, out: string): Promise<string> {
  const args = ['pack', '--json', '--ignore-scripts', '--workspaces=false', '--pack-destination', out]
  const { stdout } = await execa('npm', args, { cwd: folder })
  const [packed] = JSON.parse(stdout) as { filename: string }[]
  return join(out, packed!.filename)
}
