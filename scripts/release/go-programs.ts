/** Cross-compiles our Go programs, and collects the licences of what is linked into them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { GO_BUILD, goEnvironment } from '../../src/system/go/build.ts'
import { PROGRAMS, type ProgramName } from '../../src/system/go/program.ts'
import type { Platform } from './platforms.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface GoOptions {
  /** Path of the go command. */
  go: string
  /** Folder with the checkout; by default this one. */
  root?: string
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>
}

/** Builds a program for a platform. The bytes depend on the sources and the version of Go alone. */
export async function buildProgram(
  program: ProgramName,
  platform: Platform,
  output: string,
  options: GoOptions,
): Promise<void> {
  await runGo([...GO_BUILD, '-o', output, '.'], program, platform, options)
}

/** Checks a program for a platform that it cannot be run on here. */
export async function vetProgram(
  program: ProgramName,
  platform: Platform,
  options: GoOptions,
): Promise<void> {
  // The same flags as a build's: what it compiled is not compiled again.
  await runGo(['vet', '-trimpath', './...'], program, platform, options)
}

/** The licences of Go's library and of all modules in the programs of a platform. */
export async function collectGoLicenses(platform: Platform, options: GoOptions): Promise<string> {
  const { stdout: goroot } = await execa(options.go, ['env', 'GOROOT'])
  const folders = new Map([[`Go standard library`, goroot]])
  const format = '{{with .Module}}{{if .Version}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}'
  for (const program of platform.programs) {
    const listed = await runGo(['list', '-deps', '-f', format, '.'], program, platform, options)
    for (const line of listed.split('\n').filter(Boolean)) {
      const [module = '', folder = ''] = line.split('\t')
      folders.set(module, folder)
    }
  }
  return [...folders].map(([module, folder]) => `${module}\n\n${readLicenses(folder)}`).join('\n\n---\n\n')
}

function readLicenses(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(name))
  if (!names.length) throw new Error(`${folder} has no licence file: its text has to go with the program`)
  return names.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n')
}

async function runGo(
  args: readonly string[],
  program: ProgramName,
  { goos, goarch }: Platform,
  { go, root = ROOT, env = {} }: GoOptions,
): Promise<string> {
  const { stdout } = await execa(go, args, {
    cwd: join(root, PROGRAMS[program]),
    env: { ...goEnvironment(), GOOS: goos, GOARCH: goarch, ...env },
    extendEnv: false,
    stdin: 'ignore',
  })
  return stdout
}
