import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { configOf, plainBench, readResults, trackOf, writeFiles } from '../fixtures/make-project.ts'
import { temporaryFolder } from '../fixtures/run-bench.ts'

const ROOT = join(import.meta.dirname, '..')
const PACK = ['pack', '--ignore-scripts']
const PROVER = `import { defineProver } from 'provemark/prover'
import { writeFileSync } from 'node:fs'

const write = (name: string) => ({ files }: { files: Record<string, string> }) => writeFileSync(files[name]!, 'x')

export default defineProver({
  name: 'paper',
  artifacts: {
    circuit: { file: 'circuit', phase: 'compile' },
    witness: { file: 'witness', phase: 'witness' },
    proof: { file: 'proof', phase: 'prove' },
  },
  phases: { compile: write('circuit'), witness: write('witness'), prove: write('proof'), verify: () => true },
})
`

interface Manager {
  name: string
  /** Program and first arguments. */
  command: string[]
  files?: Record<string, string>
  /** How to run a command of an installed package. */
  run: string[]
}

const berry = (linker: string): Manager => ({
  name: `Yarn 4 with ${linker}`,
  command: ['npx', '-y', '@yarnpkg/cli-dist@4'],
  files: {
    '.yarnrc.yml': `nodeLinker: ${linker}\nenableTelemetry: false\nenableImmutableInstalls: false\nnpmMinimalAgeGate: 0\n`,
    'yarn.lock': '',
  },
  run: ['npx', '-y', '@yarnpkg/cli-dist@4', 'run'],
})

const MANAGERS: Manager[] = [
  { name: 'npm', command: ['npm'], run: ['npx'] },
  {
    name: 'pnpm',
    command: ['npx', '-y', 'pnpm@10'],
    files: { 'pnpm-workspace.yaml': "packages: ['packages/*']\n" },
    run: ['npx', '-y', 'pnpm@10', 'exec'],
  },
  { name: 'Yarn 1', command: ['npx', '-y', 'yarn@1'], run: ['npx', '-y', 'yarn@1', '--silent', 'run'] },
  berry('node-modules'),
  berry('pnp'),
]

test.for(MANAGERS)(
  'a workspace of $name runs its packages, its plain benches and its unit tests',
  async (manager) => {
    const dir = await temporaryFolder()
    await execa('npm', [...PACK, '--include-workspace-root', '--workspaces', '--pack-destination', dir], {
      cwd: ROOT,
    })
    const tarballs = (await readdir(dir)).filter((name) => name.endsWith('.tgz'))
    const tarball = tarballs.find((name) => /^provemark-\d/.test(name))!
    // The packages of the platforms, which no registry has before a release; those of a checkout are empty.
    const resolutions = Object.fromEntries(
      Object.keys(packageJson.optionalDependencies).map((name) => [
        name,
        `file:${join(
          dir,
          tarballs.find((file) => file.includes(name.slice(1).replace('/', '-')))!,
        )}`,
      ]),
    )
    const devDependencies = {
      provemark: `file:${join(dir, tarball)}`,
      vitest: packageJson.devDependencies.vitest,
      vite: '^8.0.0',
      zod: '^4.0.0',
    }
    const member = (name: string) => ({
      [`packages/${name}/package.json`]: JSON.stringify({ name, private: true, devDependencies }),
      [`packages/${name}/prover.ts`]: PROVER,
      [`packages/${name}/vitest.config.ts`]: configOf("{ iterations: 1, provers: ['./prover.ts'] }"),
      [`packages/${name}/bench/lenet.bench.ts`]: trackOf('lenet'),
    })
    await writeFiles(dir, {
      'package.json': JSON.stringify({
        private: true,
        workspaces: ['packages/*'],
        devDependencies,
        resolutions,
      }),
      'vitest.config.ts':
        "import { defineConfig } from 'vitest/config'\nexport default defineConfig({ test: { projects: ['packages/*'] } })\n",
      ...member('one'),
      ...member('two'),
      'packages/two/bench/plain.bench.ts': plainBench('plain'),
      'packages/two/mine.test.ts': "import { test } from 'vitest'\ntest('mine', () => {})\n",
      ...manager.files,
    })
    const options = {
      cwd: dir,
      all: true,
      reject: false,
      stdin: 'ignore',
      env: {
        NO_COLOR: '1',
        CI: undefined,
        PROVEMARK_LOCK: 'off',
        COREPACK_ENABLE_STRICT: '0',
        // Yarn 1 finds a tarball in its cache by name and version: it would take that of another build.
        YARN_CACHE_FOLDER: join(dir, '.yarn-cache'),
      },
    } as const
    const [program, ...first] = manager.command as [string, ...string[]]
    const installed = await execa(program, [...first, 'install'], options)
    expect(installed).toMatchObject({ exitCode: 0 })
    const [runner, ...runs] = manager.run as [string, ...string[]]
    const vitest = (...args: string[]) => execa(runner, [...runs, 'vitest', ...args], options)
    const bench = await vitest('bench')
    expect(bench).toMatchObject({ exitCode: 0 })
    expect(bench.all).toMatch(/Tests +9 passed/)
    for (const name of ['one', 'two'])
      expect(await readResults(dir, `packages/${name}/benchmarking/lenet.jsonl`)).toHaveLength(4)
    const plain = await vitest('bench', 'plain')
    expect(plain).toMatchObject({ exitCode: 0 })
    const units = await vitest('run')
    expect(units).toMatchObject({ exitCode: 0 })
    expect(units.all).toMatch(/Tests +1 passed/)
    expect(await readFile(join(dir, 'packages/two/benchmarking/lenet.jsonl'), 'utf8')).toContain('"paper"')
  },
)
