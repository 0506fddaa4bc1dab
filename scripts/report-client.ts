/** Builds the script of every report for browsers: Observable Plot, d3 and provemark's own code. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'

const ENTRY = join(import.meta.dirname, '../src/report/client/main.ts')
const LICENSE_FILE = /^licen[cs]e/i

/** Licence texts of packages that come without one. */
const LICENSES_ELSEWHERE: Readonly<Record<string, string>> = {
  'onnxruntime-web': join(import.meta.dirname, 'licenses/onnxruntime.txt'),
}

/** Without this, the bundle would take such a module for a global, and the page would stay empty. */
const refuseNode = {
  name: 'refuse-node',
  resolveId(source: string, importer: string | undefined) {
    if (isBuiltin(source))
      throw new Error(
        `${importer} imports ${source}, but is part of the report's page, which runs in a browser`,
      )
  },
}

/** The script as one text, preceded by the licences of its contents. */
export async function buildReportClient(entry = ENTRY): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    treeshake: true,
    logLevel: 'silent',
    plugins: [refuseNode],
  })
  try {
    const { output } = await bundle.generate({ format: 'iife', minify: true })
    const { code, moduleIds } = output[0]
    return `/*\n${collectLicenses(moduleIds)}\n*/\n${code}`
  } finally {
    await bundle.close()
  }
}

/** Writes script and style where the package's code looks for them. */
export async function writeReportAssets(): Promise<void> {
  const folder = join(import.meta.dirname, '../dist/report')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'client.js'), await buildReportClient())
  copyFileSync(join(dirname(ENTRY), 'report.css'), join(folder, 'report.css'))
}

/** Writes the licences of the packages that these modules bring into the package's own files. */
export function writeNotices(modules: readonly string[]): void {
  writeFileSync(join(import.meta.dirname, '../dist/THIRD-PARTY-NOTICES.txt'), `${collectLicenses(modules)}\n`)
}

/** Names and licence texts of the packages that these modules come from. */
function collectLicenses(modules: readonly string[]): string {
  const folders = new Set(modules.filter((id) => id.includes('node_modules')).map(packageFolder))
  const byText = new Map<string, string[]>()
  for (const folder of [...folders].toSorted()) {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const own = readdirSync(folder).find((entry) => LICENSE_FILE.test(entry))
    const file = own ? join(folder, own) : LICENSES_ELSEWHERE[name]
    if (!file) throw new Error(`${name} has no licence file: its text has to stand in every report`)
    const text = readFileSync(file, 'utf8').trim().replaceAll('*/', '* /')
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`])
  }
  return [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n---\n\n')
}

function packageFolder(module: string): string {
  let folder = dirname(module)
  while (
    !existsSync(join(folder, 'package.json')) ||
    !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name
  ) {
    folder = dirname(folder)
  }
  return folder
}
