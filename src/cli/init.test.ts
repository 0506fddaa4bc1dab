import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { temporaryFolder } from '../../fixtures/run-bench.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

async function initIn(files: Record<string, string>, ...args: string[]) {
  const dir = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), text)
  }
  const run = (own = args) => execa(process.execPath, [CLI, 'init', ...own], { cwd: dir, reject: false })
  const { exitCode, stdout, stderr } = await run()
  return { dir, run, exitCode, stdout, stderr, read: (name: string) => readFile(join(dir, name), 'utf8') }
}

const listFiles = async (dir: string) =>
  (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .toSorted()

test('an empty project gets a config that Vitest finds by itself, a bench file and a workflow', async () => {
  const { dir, exitCode, stdout, read } = await initIn({ 'package.json': '{}' })
  expect(exitCode).toBe(0)
  expect(await listFiles(dir)).toEqual([
    '.github/workflows/provemark.yml',
    'bench/lenet.bench.mjs',
    'package.json',
    'vitest.config.mjs',
  ])
  expect(await read('bench/lenet.bench.mjs')).toContain('defineTrack(lenetTrack)')
  expect(stdout).toMatch(/npm i -D provemark vitest@\S+/)
  expect(stdout).toContain('npx vitest bench -- --allow-missing')
})

test('what is there stays as it is, and a Vitest config of the project gets ours beside it', async () => {
  const files = {
    'package.json':
      '{"type":"module","devDependencies":{"vitest":"^5.0.0","provemark":"*","typescript":"7"}}',
    'tsconfig.json': '{}',
    'vite.config.ts': 'export default {}',
    '.gitignore': 'benchmarking/\n',
    '.github/workflows/provemark.yml': 'mine',
    'bench/lenet.bench.ts': 'mine too',
  }
  const { dir, stdout, read } = await initIn(files)
  for (const [name, text] of Object.entries(files)) expect(await read(name)).toBe(text)
  expect(await listFiles(dir)).toEqual([...Object.keys(files), 'vitest.bench.config.ts'].toSorted())
  expect(stdout).toContain('kept   .github/workflows/provemark.yml')
  expect(stdout).toContain('wrote  vitest.bench.config.ts')
  expect(stdout).toContain('npx vitest bench --config vitest.bench.config.ts -- --allow-missing')
  expect(stdout).not.toMatch(/npm i|gitignore/)
})

test('a second init changes nothing', async () => {
  const { dir, run, read } = await initIn({ 'package.json': '{}' }, '--ci', 'gitlab')
  const files = await listFiles(dir)
  const texts = await Promise.all(files.map(read))
  const { stdout } = await run()
  expect(stdout.match(/^kept/gm)).toHaveLength(3)
  expect(stdout).not.toContain('wrote')
  expect(await listFiles(dir)).toEqual(files)
  expect(await Promise.all(files.map(read))).toEqual(texts)
})

test('in a TypeScript package that is not of ES modules, the files say by their names that they are', async () => {
  const { dir, run } = await initIn(
    { 'package.json': '{"type":"commonjs"}', 'tsconfig.json': '{}', 'vite.config.ts': '' },
    '--ci',
    'none',
  )
  const files = await listFiles(dir)
  expect(files).toContain('vitest.bench.config.mts')
  expect(files).toContain('bench/lenet.bench.mts')
  // The files of an earlier init stay the only ones, although new ones would have another name now.
  await writeFile(join(dir, 'package.json'), '{"type":"module"}')
  await run()
  expect(await listFiles(dir)).toEqual(files)
})

test('bench files that a kept config does not run are named', async () => {
  const { run } = await initIn({ 'package.json': '{}', 'vite.config.ts': '' })
  const { stdout } = await run(['--template', 'sweep'])
  expect(stdout).toContain(
    'check that test.benchmark.include in vitest.bench.config.mjs has bench/breadth.bench.mjs, bench/depth.bench.mjs',
  )
  expect((await run([])).stdout).not.toContain('test.benchmark.include')
})

test('a workflow that is there and compares nothing is named, since --compare cannot change it', async () => {
  const asked = ['--compare', './prover.ts,bin=mine', '--build', 'make mine']
  const { run } = await initIn({ 'package.json': '{}' })
  const { stdout } = await run(asked)
  expect(stdout).toContain('remove .github/workflows/provemark.yml and init again')
  const fresh = await initIn({ 'package.json': '{}' }, ...asked)
  expect(fresh.stdout).not.toContain('remove')
  expect((await fresh.run()).stdout).not.toContain('remove')
})

test('ONNX files of the project are the models of its config', async () => {
  const { read } = await initIn({
    'package.json': '{}',
    "nets/it's.onnx": '',
    'nets/b.onnx': '',
    'node_modules/x/c.onnx': '',
  })
  expect(await read('vitest.config.mjs')).toContain(String.raw`model: ['nets/b.onnx', 'nets/it\'s.onnx']`)
  expect(await read('bench/models.bench.mjs')).toContain('defineTrack(modelsTrack)')
})

test('each track of a template has a file of its name, which is what selects it', async () => {
  const { dir, read } = await initIn(
    { 'package.json': '{}', 'vite.config.ts': '' },
    '--template',
    'sweep',
    '--ci',
    'none',
  )
  expect(await listFiles(dir)).toEqual([
    'bench/breadth.bench.mjs',
    'bench/depth.bench.mjs',
    'package.json',
    'vite.config.ts',
    'vitest.bench.config.mjs',
  ])
  expect(await read('vitest.bench.config.mjs')).toContain(
    "include: ['bench/breadth.bench.mjs', 'bench/depth.bench.mjs']",
  )
})

test('GitLab jobs of the project are not touched: ours are a file to include', async () => {
  const { read, stdout } = await initIn({ 'package.json': '{}', '.gitlab-ci.yml': 'test:\n  script: make\n' })
  expect(await read('.gitlab-ci.yml')).toBe('test:\n  script: make\n')
  const own = parse(await read('.gitlab/provemark.yml'))
  expect(own).toHaveProperty('provemark:bench.parallel', 2)
  // Generated stages would replace the project's own, or not exist.
  expect(own).not.toHaveProperty('stages')
  expect(own).toMatchObject({
    'provemark:bench': { stage: '.post', needs: [] },
    'provemark:gate': { stage: '.post', needs: ['provemark:bench'] },
    'provemark:audit': { stage: '.post', needs: [] },
  })
  expect(stdout).toContain('include: { local: .gitlab/provemark.yml }')
})

test.for([
  ['package-lock.json', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn install --immutable'],
  ['bun.lock', 'bun install --frozen-lockfile'],
] as const)('with %s its package manager is used everywhere', async ([lock, install]) => {
  const { read, stdout } = await initIn({ 'package.json': '{}', [lock]: '' }, '--template', 'sweep')
  const workflow = parse(await read('.github/workflows/provemark.yml'))
  for (const job of Object.values<{ steps: { run?: string }[] }>(workflow.jobs))
    expect(job.steps.map(({ run }) => run)).toContain(install)
  expect(workflow.jobs.bench.strategy.matrix.shard).toEqual([1, 2])
  expect(stdout).toMatch(new RegExp(`^ +${install.split(' ')[0]} (i|add) -[Dd] `, 'm'))
})

test('a package of a repository gets its workflow at the root, where CI reads it', async () => {
  const dir = await temporaryFolder()
  const project = join(dir, 'packages/prover')
  await mkdir(join(dir, '.git/refs/heads'), { recursive: true })
  await writeFile(join(dir, '.git/refs/heads/master'), '')
  await mkdir(project, { recursive: true })
  await writeFile(join(dir, 'pnpm-lock.yaml'), '')
  await writeFile(join(project, 'package.json'), '{}')
  const init = (...args: string[]) => execa(process.execPath, [CLI, 'init', ...args], { cwd: project })
  expect((await init()).stdout).toContain('wrote  ../../.github/workflows/provemark.yml')
  expect((await init('--ci', 'gitlab')).stdout).toContain('wrote  ../../.gitlab-ci.yml')
  const workflow = parse(await readFile(join(dir, '.github/workflows/provemark.yml'), 'utf8'))
  expect(workflow.on.push.branches).toEqual(['master'])
  expect(workflow.defaults).toEqual({ run: { 'working-directory': 'packages/prover' } })
  const uploads = Object.values<{ steps: { with?: { path?: string } }[] }>(workflow.jobs)
    .flatMap(({ steps }) => steps.flatMap((step) => step.with?.path?.trim().split('\n') ?? []))
    .filter((path) => !path.startsWith('packages/prover/'))
  expect(uploads).toEqual([])
  // Without a version in package.json, the action requires one.
  expect(workflow.jobs.audit.steps).toContainEqual({
    uses: 'pnpm/action-setup@v4',
    with: { version: 'latest' },
  })
  const gitlab = parse(await readFile(join(dir, '.gitlab-ci.yml'), 'utf8'))
  expect(gitlab['.provemark'].before_script[0]).toBe('cd packages/prover')
  expect(gitlab['provemark:gate'].artifacts.reports.junit).toBe('packages/prover/gate.xml')
})

test('in a worktree and in a submodule, branch and CI are those of the repository', async () => {
  const top = await temporaryFolder()
  const git = (dir: string, ...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always', ...args], {
      cwd: join(top, dir),
    })
  await git('', 'init', '-q', '-b', 'master', 'own')
  await git('own', 'remote', 'add', 'origin', 'git@gitlab.com:a/b.git')
  await git('own', 'commit', '-q', '--allow-empty', '-m', 'first')
  await git('own', 'worktree', 'add', '-q', '../tree', '-b', 'topic')
  await git('', 'init', '-q', 'outer')
  await git('outer', 'submodule', 'add', '-q', '../own', 'inner')
  const init = (dir: string) => execa(process.execPath, [CLI, 'init'], { cwd: join(top, dir) })
  expect((await init('tree')).stdout).toContain('wrote  .gitlab-ci.yml')
  await init('outer/inner')
  const workflow = parse(await readFile(join(top, 'outer/inner/.github/workflows/provemark.yml'), 'utf8'))
  expect(workflow.on.push.branches).toEqual(['master'])
})

test('Yarn 1 gets the flags that it knows, what it does not install itself, and a run that keeps the --', async () => {
  const lock = { 'package.json': '{}', 'yarn.lock': '# yarn lockfile v1\n' }
  const { read, stdout } = await initIn(lock)
  expect(stdout).toMatch(/yarn add -D provemark vitest@\S+ vite@8\n +npx vitest bench -- --allow-missing/)
  expect(await read('.github/workflows/provemark.yml')).not.toContain('yarn run')
  const { jobs } = parse(await read('.github/workflows/provemark.yml'))
  const runs = jobs.audit.steps.map(({ run }: { run?: string }) => run)
  expect(runs).toContain('yarn install --frozen-lockfile')
  expect(runs).toContain('yarn audit --level high || [ $? -lt 8 ]')
})

test('a dry run writes nothing; a wrong name is refused with the nearest', async () => {
  const dry = await initIn({ 'package.json': '{}' }, '--dry-run')
  expect(dry.stdout).toContain('would write vitest.config.mjs')
  expect(await listFiles(dry.dir)).toEqual(['package.json'])
  const wrong = await initIn({ 'package.json': '{}' }, '--template', 'swep')
  expect(wrong.stderr).toContain('--template: expected one of lenet, sweep, models, suite, given "swep"')
  expect(wrong.stderr).toContain('did you mean sweep?')
  expect(wrong.exitCode).toBe(2)
})

test('the second package of a repository learns that CI does not run it, and what helps', async () => {
  const dir = await temporaryFolder()
  await mkdir(join(dir, '.git'))
  const init = async (place: string, ci: string) => {
    await mkdir(join(dir, place), { recursive: true })
    const { stdout } = await execa(process.execPath, [CLI, 'init', '--ci', ci], { cwd: join(dir, place) })
    return stdout
  }
  // Other files that name the packages run none of them.
  await mkdir(join(dir, '.github/workflows'), { recursive: true })
  await writeFile(join(dir, '.github/workflows/lint.yml'), 'run: npx oxlint packages/b packages\n')
  await writeFile(join(dir, 'pnpm-workspace.yaml'), 'packages:\n  - packages/b\n  - packages\n')
  for (const ci of ['github', 'gitlab']) expect(await init('packages/a', ci)).not.toContain('CI does not run')
  const advice = {
    github: /workflows\/provemark\.yml does not name packages\/b\n +give that file another name/,
    gitlab: /gitlab-ci\.yml does not name packages\/b\n +copy its provemark jobs .* cd packages\/b in/,
  }
  const atRoot = {
    github: /does not name the root of the repository\n +give that file another name/,
    gitlab:
      /does not name the root of the repository\n +copy its provemark jobs .* without cd in before_script/,
  }
  for (const [ci, expected] of Object.entries(advice)) {
    expect(await init('packages/b', ci)).toMatch(expected)
    // Part of a name is another name.
    expect(await init('packages', ci)).toContain('CI does not run this package')
    expect(await init('.', ci)).toMatch(atRoot[ci as keyof typeof atRoot])
    // A folder whose name is a word of the jobs.
    expect(await init('bench', ci)).toContain('does not name bench')
    expect(await init('packages/a', ci)).not.toContain('CI does not run')
  }
  const workflows = join(dir, '.github/workflows')
  await rename(join(workflows, 'provemark.yml'), join(workflows, 'provemark-a.yml'))
  expect(await init('packages/b', 'github')).toContain('wrote  ../../.github/workflows/provemark.yml')
  for (const place of ['packages/a', 'packages/b'])
    expect(await init(place, 'github')).not.toContain('CI does not run')
})
