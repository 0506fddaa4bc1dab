import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeProject } from '../../../fixtures/make-project.ts'
import { temporaryFolder } from '../../../fixtures/run-bench.ts'

const ROOT = join(import.meta.dirname, '../../..')
const CLI = join(ROOT, 'src/cli.ts')

/** A project of a prover that works for some CPU time when it proves, measured by the sources of this package. */
const PROJECT = {
  'package.json': '{ "type": "module" }\n',
  'vitest.config.ts': `// as import { provemark } from 'provemark/plugin'
import { provemark } from ${JSON.stringify(join(ROOT, 'src/plugin.ts'))}
export default {
  plugins: [provemark({ tracks: { depth: { depth_max: 1, input_hw: 8, conv_out_ch: 2, fc_hidden: 4 } } })],
  test: { benchmark: { include: ['*.bench.ts'] } },
}
`,
  'depth.bench.ts': `import { defineTrack, depthTrack } from ${JSON.stringify(join(ROOT, 'src/index.ts'))}
defineTrack(depthTrack)
`,
}

const proverThatWorks = (ms: number) =>
  readFileSync(join(ROOT, 'fixtures/provers/toy.mjs'), 'utf8').replace(
    /^#!.*\n/,
    (first) => `${first}const spent = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000
while (process.argv[2] === 'prove' && spent() < ${ms});
`,
  )

/** Runs commands as a CI does, with this checkout's provemark and Vitest. */
const shellIn =
  (dir: string, env: Readonly<Record<string, string>> = {}) =>
  (text: string, more: Readonly<Record<string, string>> = {}) =>
    execa(
      'bash',
      [
        '-e',
        '-o',
        'pipefail',
        '-c',
        `npx() { local name=$1; shift; case $name in
           provemark) "${process.execPath}" "${CLI}" "$@" ;;
           *) "${ROOT}/node_modules/.bin/$name" "$@" ;;
         esac; }; ${text}`,
      ],
      {
        cwd: dir,
        env: {
          ...env,
          ...more,
          CI: 'true',
          PROVEMARK_LOCK: 'off',
          NO_COLOR: '1',
          FORCE_COLOR: undefined,
          PATH: `${ROOT}/node_modules/.bin:${process.env['PATH']}`,
        },
        all: true,
        reject: false,
        stdin: 'ignore',
      },
    )

test("a new project: the first run, its baseline, and the shards, the gate and the report of both CIs' jobs", async () => {
  const dir = await makeProject({})
  // What both CIs set, so that the shards are one run; and small models, measured once.
  const shell = shellIn(dir, {
    GITHUB_RUN_ID: '7',
    CI_PIPELINE_ID: '7',
    PROVEMARK_ITERATIONS: '1',
    PROVEMARK_CONV_OUT_CH: '2',
    PROVEMARK_FC_HIDDEN: '8',
  })
  const succeed = async (text: string, env?: Readonly<Record<string, string>>) => {
    const { all, exitCode } = await shell(text, env)
    expect(exitCode === 0 ? '' : all).toBe('')
    return all
  }
  for (const ci of ['github', 'gitlab']) await succeed(`npx provemark init --template sweep --ci ${ci}`)
  await succeed('npx vitest bench -- --allow-missing')
  await succeed('npx provemark baseline update --accept')

  const { bench, gate } = parse(readFileSync(join(dir, '.github/workflows/provemark.yml'), 'utf8')).jobs
  const gitlab = parse(readFileSync(join(dir, '.gitlab-ci.yml'), 'utf8'))
  const commands = (job: { steps: { run?: string }[] }) =>
    job.steps.flatMap(({ run }) => (run?.startsWith('npx ') ? run : []))
  const count = gitlab['provemark:bench'].parallel
  expect(bench.strategy.matrix.shard).toHaveLength(count)
  const cis = [
    {
      shard: commands(bench)[0]!
        .replaceAll('${{ matrix.shard }}', '$CI_NODE_INDEX')
        .replaceAll('${{ strategy.job-total }}', '$CI_NODE_TOTAL'),
      whole: commands(gate),
    },
    {
      shard: gitlab['provemark:bench'].script[0] as string,
      whole: [...gitlab['provemark:gate'].script, ...gitlab['provemark:gate'].after_script] as string[],
    },
  ]
  for (const { shard, whole } of cis) {
    rmSync(join(dir, 'blobs'), { recursive: true, force: true })
    for (let index = 1; index <= count; index++)
      await succeed(shard, { CI_NODE_INDEX: String(index), CI_NODE_TOTAL: String(count) })
    // The gate runs on a machine that has nothing of the shards but their blobs.
    rmSync(join(dir, 'benchmarking'), { recursive: true })
    expect(whole).toHaveLength(2)
    expect(await succeed(whole[0]!)).toMatch(/^gate: \d+ ok; exit code 0$/m)
    expect(await succeed(whole[1]!)).toMatch(/^report\.html: 6 points, /m)
  }
  expect(readFileSync(join(dir, 'gate.xml'), 'utf8')).toContain('<testsuite')
})

test(
  "the commands of both CIs' compare jobs find a head that works 20 % longer than its base",
  { timeout: 1_500_000 },
  async () => {
    const dir = await temporaryFolder()
    const run = (file: string, ...args: string[]) => execa(file, args, { cwd: dir })
    const git = (...args: string[]) =>
      run('git', '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args)
    for (const [name, text] of Object.entries(PROJECT)) writeFileSync(join(dir, name), text)
    const compare = `${join(ROOT, 'fixtures/provers/toy.ts')},bin=built/toy.mjs`
    const build = 'mkdir -p built && cp src/toy.mjs built/ && chmod +x built/toy.mjs'
    for (const ci of ['github', 'gitlab'])
      await run(process.execPath, CLI, 'init', '--ci', ci, '--compare', compare, '--build', build)
    await git('init', '--quiet', '--initial-branch=main')
    mkdirSync(join(dir, 'src'))
    for (const [message, ms] of [
      ['base', 400],
      ['head', 480],
    ] as const) {
      writeFileSync(join(dir, 'src/toy.mjs'), proverThatWorks(ms))
      await git('add', 'src')
      await git('commit', '--quiet', '-m', message)
      if (message === 'base') await git('branch', 'base')
    }
    // What a checkout in CI has: the base as a branch of the remote.
    await git('remote', 'add', 'origin', dir)
    await git('fetch', '--quiet', 'origin')

    const { jobs } = parse(readFileSync(join(dir, '.github/workflows/provemark.yml'), 'utf8'))
    const gitlab = parse(readFileSync(join(dir, '.gitlab-ci.yml'), 'utf8'))
    const steps: string[] = jobs.compare.steps.flatMap((step: { run?: string }) => step.run ?? [])
    const github = steps.find((step) => step.includes('provemark compare'))!
    const [fetch, command] = gitlab['provemark:compare'].script as [string, string]
    // The same but for the variable that holds the base.
    expect(command.replaceAll('$CI_MERGE_REQUEST_TARGET_BRANCH_NAME', '$BASE').trim()).toBe(github.trim())

    const shell = shellIn(dir, { BASE: 'base', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'base' })
    expect((await shell(fetch)).exitCode).toBe(0)
    const { all, exitCode } = await shell(command)
    expect(all).toMatch(/REGRESSION +│ time_s .* │ prove/)
    expect(exitCode).toBe(1)
    expect(readFileSync(join(dir, 'compare.md'), 'utf8')).toMatch(/^\| REGRESSION \| time&#95;s /m)
  },
)
