/**
 * Says how long a new user waits, from an empty folder with Node alone: until the first real proof, and until a bench
 * file of their own has run. `node scripts/first-proof.ts [FOLDER]` installs the packages that `node scripts/release.ts
 * pack` left in a folder, by default release/.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import which from 'which'
import packageJson from '../package.json' with { type: 'json' }
import { serveRegistry } from '../fixtures/registry.ts'
import { SCOPE } from './release/platforms.ts'
import type { Row } from '../src/row/schema.ts'

const USAGE = 'usage: node scripts/first-proof.ts [--cold] [FOLDER]   (--cold: with an empty npm cache)'
/** What npm and its children start; no Go, no Python. */
const PROGRAMS = ['sh', 'env', 'uname']

const CONFIG = `import { defineConfig } from 'vitest/config'
import { provemark } from 'provemark/plugin'

export default defineConfig({ plugins: [provemark()] })
`
const LENET = `import { defineTrack, lenetTrack } from 'provemark'

defineTrack(lenetTrack)
`
const MINE = `import { defineTrack } from 'provemark'
import { generateCnn } from 'provemark/model'
import { z } from 'zod'

defineTrack({
  name: 'mine',
  params: z.object({ sides: z.array(z.number().int()).describe('sides of the input, pixels').default([14, 20, 28]) }),
  points: ({ sides }, { seed }) =>
    sides.map((input_hw) => {
      const params = { depth: 2, input_hw, in_ch: 3, conv_out_ch: 4, fc_hidden: 32, n_actions: 4, seed }
      return { id: \`mine_h\${input_hw}\`, params, model: () => generateCnn(params) }
    }),
})
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cold: { type: 'boolean', default: false } },
})
if (positionals.length > 1) {
  console.error(USAGE)
  process.exit(2)
}
const packages = resolve(positionals[0] ?? 'release')
const tarballs = readdirSync(packages).filter((name) => name.endsWith('.tgz'))
const main = tarballs.find((name) => name.startsWith('provemark-') && /^provemark-\d/.test(name))
if (!main) throw new Error(`${packages} holds no packed provemark: node scripts/release.ts pack`)

const home = mkdtempSync(join(tmpdir(), 'provemark-first-'))
const project = join(home, 'project')
mkdirSync(project)
await using registry = await serveRegistry(tarballs.map((name) => join(packages, name)))
writeFileSync(join(project, '.npmrc'), `${SCOPE}:registry=${registry.url}\n`)
const env = {
  PATH: await linkPrograms(),
  PROVEMARK_CACHE: join(home, 'cache'),
  PROVEMARK_LOCK: 'off',
  NO_COLOR: '1',
  ...(values.cold ? { npm_config_cache: join(home, 'npm') } : {}),
}
try {
  const startMs = performance.now()
  const seconds = () => ((performance.now() - startMs) / 1000).toFixed(1)
  const vitest = `vitest@${packageJson.devDependencies.vitest}`
  await run('npm', ['install', '--no-audit', '--no-fund', join(packages, main), vitest, 'zod@4'])
  console.log(`${seconds()} s  npm install`)
  mkdirSync(join(project, 'bench'))
  writeFileSync(join(project, 'vitest.config.mjs'), CONFIG)
  writeFileSync(join(project, 'bench/lenet.bench.mjs'), LENET)
  const proof = await bench('lenet', '--iterations', '1')
  console.log(`${seconds()} s  first LeNet proof, ${proof.length} phases ok`)
  writeFileSync(join(project, 'bench/mine.bench.mjs'), MINE)
  const own = await bench('mine')
  console.log(`${seconds()} s  own bench file, ${own.length} phases ok`)
  const doctor = JSON.parse(await run('npx', ['provemark', 'doctor', 'gnark', '--json'])) as {
    provers: { origin: string }[]
  }
  console.log(`the prover is ${doctor.provers[0]?.origin}, memory by ${own[0]?.mem_source}`)
} finally {
  rmSync(home, { recursive: true, force: true })
}

/** A folder with Node, npm and what they start, as the whole PATH. */
async function linkPrograms(): Promise<string> {
  const folder = join(home, 'bin')
  mkdirSync(folder)
  const node = dirname(process.execPath)
  symlinkSync(process.execPath, join(folder, basename(process.execPath)))
  for (const name of ['npm', 'npx']) {
    symlinkSync(await which(name, { path: `${node}:${process.env['PATH']}` }), join(folder, name))
  }
  for (const name of PROGRAMS) symlinkSync(await which(name), join(folder, name))
  return folder
}

async function bench(track: string, ...flags: string[]): Promise<Row[]> {
  const results = join(project, `${track}.jsonl`)
  await run('npx', ['vitest', 'bench', track, '--', ...flags, '--results', results])
  const rows = readFileSync(results, 'utf8').trim().split('\n')
  const parsed = rows.map((line) => JSON.parse(line) as Row)
  const bad = parsed.find(({ status }) => status !== 'ok')
  if (bad) throw new Error(`${bad.phase} of ${bad.point}: ${bad.status}`)
  return parsed
}

async function run(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(file, args, { cwd: project, env, stdin: 'ignore' })
  return stdout
}
