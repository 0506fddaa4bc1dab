import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import escapeStringRegexp from 'escape-string-regexp'
import { z } from 'zod'
import packageJson from '../../package.json' with { type: 'json' }
import { cacheDir } from '../lib/cache.ts'
import { findMonitor } from '../process/monitor-client.ts'
import { examineProver, type Examination, PROVER_NAMES, loadProver } from '../prover/registry.ts'
import { createPaint, readCardStyle } from '../render/terminal.ts'
import { readMachine } from '../system/machine.ts'
import { COMMON, defineCommand } from './command.ts'

export default defineCommand({
  description: 'Lists the provers that are available, their versions, and how to install the others',
  operands: {
    name: 'PROVER…',
    description: 'names or module paths; default: all that come with the package',
  },
  options: z.object({
    json: COMMON.json.describe('print what a bug report needs, without names of hosts, users and folders'),
  }),
  async run({ options, operands }) {
    const found: Examination[] = []
    const names = operands.length ? operands : PROVER_NAMES
    const provers = await Promise.all(names.map((name) => loadProver(name, process.cwd())))
    for (const prover of provers) found.push(await examineProver(prover))
    if (options.json) {
      console.log(hidePlaces({ ...(await describeSetting()), provers: found }))
    } else {
      const paint = createPaint(readCardStyle(process.stdout))
      console.log(found.map((prover) => describe(prover, paint)).join('\n'))
    }
    if (!found.some(({ status }) => status === 'ok')) process.exitCode = 1
  },
})

const ORIGINS = { prebuilt: 'prebuilt', built: 'built here from source' }

function describe(prover: Examination, paint: ReturnType<typeof createPaint>): string {
  const { name, title } = prover
  if (prover.status === 'ok') {
    const details = [prover.variant, prover.origin && ORIGINS[prover.origin]].filter(Boolean).join(', ')
    const variant = details && ` (${details})`
    return `${paint('green', 'ok')}       ${name} ${prover.version}${variant}  ${prover.bin}`
  }
  const next = prover.hint ? `\n         next: ${prover.hint}` : ''
  return `${paint('yellow', 'missing')}  ${name}  ${title}\n         ${prover.code}: ${prover.message}${next}`
}

/** Versions, the machine, and how phases are measured on it. */
async function describeSetting(): Promise<Record<string, unknown>> {
  const { commit: _, dirty: _dirty, ...machine } = await readMachine()
  const monitor = await findMonitor(false)
  const settings = Object.keys(process.env).filter((name) => name.startsWith('PROVEMARK_'))
  return {
    provemark: packageJson.version,
    vitest: readVersion('vitest'),
    vite: readVersion('vite'),
    zod: readVersion('zod'),
    machine,
    monitor: 'missing' in monitor ? monitor : { origin: monitor.origin },
    // Their values may be private.
    environment: settings.toSorted(),
  }
}

/** Version of a package as the project sees it; null if it has none. */
function readVersion(name: string): string | null {
  const require = createRequire(join(process.cwd(), 'package.json'))
  try {
    return (require(`${name}/package.json`) as { version: string }).version
  } catch {
    return null
  }
}

/** Replaces what identifies the user: the project's folder, the cache, the home folder, the user and the host. */
function hidePlaces(setting: unknown): string {
  const homes = existsSync(homedir()) ? [homedir(), realpathSync(homedir())] : [homedir()]
  const places: (readonly [string, string])[] = [
    [process.cwd(), '<project>'],
    [dirname(process.cwd()), '<projects>'],
    [cacheDir(), '<cache>'],
    ...homes.map((home) => [home, '<home>'] as const),
    [readUserName(), '<user>'],
    [hostname(), '<host>'],
  ]
  // Short names would be found inside other words, and replacing a folder before its subfolders would leave their
  // names. Windows does not distinguish upper and lower case.
  const known = places
    .filter(([place]) => place.length > 3)
    .toSorted(([a], [b]) => b.length - a.length)
    .map(([place, name]) => [new RegExp(escapeStringRegexp(place), 'gi'), name] as const)
  const hide = (text: string) => known.reduce((hidden, [place, name]) => hidden.replaceAll(place, name), text)
  return JSON.stringify(setting, (_, value) => (typeof value === 'string' ? hide(value) : value), 2)
}

/** Empty for a user without a name, as in many containers. */
function readUserName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
