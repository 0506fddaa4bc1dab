import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { trackOf, writeFiles } from '../../fixtures/make-project.ts'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import { generateCnn } from '../../src/model/generate/cnn.ts'
import { generateInputs, writeInput } from '../../src/model/input.ts'
import { fixInputs } from '../../src/model/ports.ts'
import { writeModel } from '../../src/model/write.ts'
import { formatRow } from '../../src/row/write.ts'
import { findGo } from '../../src/system/go/toolchain.ts'
import { ROOT } from './pages.ts'

const CONFIG = `import { provemark } from 'provemark/plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [provemark()] })
`

/** Programs that the pages name in place of the reader's own. */
const PROGRAMS = {
  mine: `#!/bin/sh
case $1 in
  --version) echo 'mine 1.0.0' ;;
  compile) provemark inspect "$2" >/dev/null || exit 1; echo gates=12 > "\${3#--out=}"; echo gates=12 ;;
  witness) grep -q '^{"input.*}$' "$3" && cp "$3" "$4" ;;
  prove) cp "$2" "$3"; echo 'took 0.001 s, peak 10 MB' ;;
  verify) test -s "$2" ;;
esac
`,
  'my-bench': `#!/bin/sh
case $1 in
  --version) echo 'my-bench 1.0.0' ;;
  prove) echo "\${2#--log-n=}" > "\${3#--out=}" ;;
  verify) test -s "$2" ;;
esac
`,
  'my-setup': `#!/bin/sh
cp "$1" "$2"
`,
  'my-client': `#!/bin/sh
test -s "$3"
`,
  'my-process': `#!/usr/bin/env node
import('${ROOT}/examples/marks/marks.mjs').then(async ({ mark }) => {
  const { writeFileSync } = await import('node:fs')
  const [, proofs, proof] = process.argv.slice(2)
  mark('begin compile')
  mark('end compile')
  for (let i = 0; i < Number(proofs.split('=')[1]); i++) {
    mark('begin prove')
    writeFileSync(proof, 'x')
    mark('end prove')
    console.log('Verifying time: 1.23ms')
  }
})
`,
  'my-server': `#!/usr/bin/env node
import('node:http').then(({ createServer }) => {
  if (process.argv.includes('--version')) return console.log('my-server 1.0.0')
  const server = createServer((request, response) => {
    request.pipe(response)
    if (request.url === '/shutdown') response.on('finish', () => process.exit())
  })
  server.listen(Number(process.argv[2].split(':')[1]), '127.0.0.1')
})
`,
}

const SUITES = {
  'vitest.config.ts': CONFIG,
  ...Object.fromEntries(
    ['lenet', 'operators', 'mlp', 'resnet', 'transformer', 'depth', 'breadth', 'models'].map((name) => [
      `bench/${name}.bench.ts`,
      trackOf(name),
    ]),
  ),
}

/** A workspace of two packages. */
const PACKAGES = Object.fromEntries(
  ['one', 'two'].flatMap((name) => [
    [`packages/${name}/package.json`, `{"name":"${name}","private":true,"type":"module"}`],
    [`packages/${name}/vitest.config.ts`, CONFIG],
    [
      `packages/${name}/bench/${name}.bench.ts`,
      `import { defineTrack, lenetTrack } from 'provemark'\n\ndefineTrack({ ...lenetTrack, name: '${name}' })\n`,
    ],
  ]),
)

const NET = { depth: 1, input_hw: 6, in_ch: 1, fc_hidden: 4, n_actions: 2, seed: 42 }

/** Pages about the checkout itself. */
export const CHECKOUT_PAGES = ['docs/gnark.md']

/** Pages about a project that does not use provemark yet. */
const BARE_PAGES = new Set(['docs/getting-started.md'])

/** Makes what the reader of a page has: tracks, models, rows of earlier runs, a committed baseline. */
export async function prepareProject(
  top: string,
  { page, modules }: { page: string; modules: string },
): Promise<string> {
  const dir = join(top, page.replaceAll(/\W/g, '_'))
  const isBare = BARE_PAGES.has(page)
  const rows = [...makeSweepRows({ runs: 2, iterations: 8, depths: [1, 2, 3], sides: [14, 28] })]
  const rowsOf = (run: string, track?: string) =>
    rows
      .filter((row) => row.run_id === run && (!track || row.track === track))
      .map((row) => formatRow(row))
      .join('')
  await writeFiles(dir, {
    'package.json': '{"private":true,"type":"module"}',
    '.gitignore': 'node_modules\nbenchmarking\n',
    ...(isBare ? PACKAGES : SUITES),
    'benchmarking/lenet.jsonl': rows
      .filter(({ run_id, point }) => run_id === 'run-02' && point === rows[0]!.point)
      .map((row) => formatRow({ ...row, track: 'lenet', point: 'lenet', params: { seed: 42 } }))
      .join(''),
    'benchmarking/depth_sweep.jsonl': rowsOf('run-02', 'depth'),
    'benchmarking/breadth_sweep.jsonl': rowsOf('run-02', 'breadth'),
    'a.jsonl': rowsOf('run-01'),
    'b.jsonl': rowsOf('run-02'),
    'shard-1.jsonl': rowsOf('run-02', 'depth'),
    'shard-2.jsonl': rowsOf('run-02', 'breadth'),
    'shards/1.jsonl': rowsOf('run-02', 'depth'),
    'shards/2.jsonl': rowsOf('run-02', 'breadth'),
    'sweep.jsonl': rowsOf('run-02', 'breadth'),
    'growth.jsonl': rowsOf('run-02', 'depth'),
  })
  await execa('provemark', ['baseline', 'update', 'a.jsonl'], { cwd: dir, preferLocal: true, localDir: top })
  if (!isBare) writeNets(dir)
  await symlink(modules, join(dir, 'node_modules'))
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=doc', '-c', 'user.email=doc@example.org', ...args], { cwd: dir })
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'a project')
  return dir
}

function writeNets(dir: string): void {
  for (const [name, conv_out_ch] of [
    ['s', 2],
    ['m', 4],
  ] as const) {
    const model = generateCnn({ ...NET, conv_out_ch })
    writeModel(join(dir, `nets/${name}.onnx`), model)
    writeInput(join(dir, 'in.json'), generateInputs(fixInputs(model), { seed: 42 }))
  }
}

/** A node_modules with the built checkout as provemark, and its dependencies. */
export async function linkModules(dir: string): Promise<string> {
  const modules = join(dir, 'node_modules')
  const bin = join(modules, '.bin')
  await mkdir(bin, { recursive: true })
  await symlink(ROOT, join(modules, 'provemark'))
  for (const name of ['vitest', 'vite', 'zod', '@types'])
    await symlink(join(ROOT, 'node_modules', name), join(modules, name))
  for (const name of ['vitest', 'node']) await symlink(join(ROOT, 'node_modules/.bin', name), join(bin, name))
  await symlink(join(ROOT, 'dist/cli.js'), join(bin, 'provemark'))
  await chmod(join(ROOT, 'dist/cli.js'), 0o755)
  await mkdir(join(dir, 'bin'))
  for (const [name, program] of Object.entries(PROGRAMS))
    await writeFile(join(dir, 'bin', name), program, { mode: 0o755 })
  return modules
}

/**
 * Programs in place of those on PATH, for tests that install nothing: npx runs what is installed, npm does nothing, and
 * Go is the one that the project uses, which may be on no PATH.
 */
export async function writeShims(dir: string): Promise<string> {
  const shims = join(dir, 'shims')
  await mkdir(shims)
  for (const [name, script] of Object.entries({
    npx: 'exec "$@"',
    npm: 'echo "npm $*"',
    pnpm: 'echo "pnpm $*"',
    go: `exec '${await findGo(console.error)}' "$@"`,
  })) {
    await writeFile(join(shims, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return shims
}
