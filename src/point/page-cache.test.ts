import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildActor } from '../../fixtures/processes/actor.ts'
import { configOf, makeProject, readResults, startVitest, trackOf } from '../../fixtures/make-project.ts'
import type { Row } from '../row/schema.ts'

const LONG = { timeout: 120_000 }
const MODULES = join(import.meta.dirname, '../../node_modules')
const FILE_MB = 32

let actor: string
beforeAll(async () => {
  actor = await buildActor()
})

/** A folder on a disk: the temporary folder may be memory. */
async function folderIn(place: string): Promise<string> {
  const dir = await mkdtemp(join(place, 'provemark-page-cache-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** A prover that says which share of its key was in memory before it read the key, as its own time. */
const proverOf = () => `import { commandProver } from 'provemark/prover'
const copy = "require('fs').copyFileSync(...process.argv.slice(1))"
export default commandProver({
  name: 'reader',
  version: '1.0',
  phases: {
    compile: { cmd: ['node', '-e', copy, '{workload}', '{keys}'], artifacts: { keys: { file: 'keys.bin' } } },
    prove: { cmd: [${JSON.stringify(actor)}, 'resident', '{keys}', '{proof}'], artifacts: { proof: { file: 'proof.bin' } } },
  },
  time: /resident=([\\d.]+)/,
})
`

interface Places {
  workload?: string
  workDir?: string
  measure?: string
}

async function run(pageCache: string, { workload, workDir, measure }: Places = {}) {
  const disk = await folderIn(MODULES)
  const file = join(workload ?? disk, 'circuit.bin')
  await writeFile(file, Buffer.alloc(FILE_MB * 2 ** 20, 7))
  const dir = await makeProject({
    'vitest.config.ts': configOf(
      `{ provers: ['./prover.ts'], iterations: { compile: 1, prove: 2 }, tracks: { workloads: { workload: [${JSON.stringify(file)}] } } }`,
    ),
    'workloads.bench.ts': trackOf('workloads'),
    'prover.ts': proverOf(),
  })
  const flags = ['--page-cache', pageCache, '--work-dir', workDir ?? disk, '--results', 'rows.jsonl']
  const start = async () => {
    const env = { PROVEMARK_MEASURE: measure }
    const { exitCode, all } = await startVitest(dir, ['bench', '--', ...flags], { env })
    return { exitCode, output: String(all) }
  }
  return { file, start, rows: () => readResults(dir, 'rows.jsonl') }
}

const proofsOf = (rows: readonly Row[]) => rows.filter(({ phase }) => phase === 'prove')

test('cold files are read from the disk, warm ones from memory; the row says which', LONG, async () => {
  for (const [state, least, most] of [
    ['cold', 0, 0.01],
    ['warm', 0.99, 1],
  ] as const) {
    const { start, rows } = await run(state)
    const { exitCode, output } = await start()
    expect(output).toContain(`page cache: ${state}`)
    const found = await rows()
    expect(found.map(({ phase, status, page_cache }) => [phase, status, page_cache])).toEqual([
      ['compile', 'ok', state],
      ['prove', 'ok', state],
      ['prove', 'ok', state],
    ])
    for (const { time_s_rust: resident } of proofsOf(found)) {
      expect(resident).toBeGreaterThanOrEqual(least)
      expect(resident).toBeLessThanOrEqual(most)
    }
    expect(exitCode).toBe(0)
  }
})

test(
  'files that another process holds in memory make a row partial, with a warning on the card',
  LONG,
  async () => {
    const { file, start, rows } = await run('cold')
    const holder = execFile(actor, ['lock-file', file])
    onTestFinished(() => void holder.kill('SIGKILL'))
    await once(holder.stdout!, 'data')
    const { output } = await start()
    const [compile, ...proofs] = await rows()
    expect(compile).toMatchObject({ status: 'ok', page_cache: 'partial' })
    const warning = /PAGE_CACHE_PARTIAL: \d+ % of what it reads stayed in the page cache/
    expect(compile!.warnings).toEqual([expect.stringMatching(warning)])
    expect(proofs.map(({ page_cache }) => page_cache)).toEqual(['cold', 'cold'])
    expect(output).toMatch(warning)
  },
)

test('where the state cannot be had, the run or the phase is refused with a next step', LONG, async () => {
  const memory = await folderIn('/dev/shm')
  const refused = await run('cold', { workDir: memory })
  const { exitCode, output } = await refused.start()
  expect(output).toMatch(/PAGE_CACHE_UNAVAILABLE: --page-cache cold: \/dev\/shm\/.*: it is on tmpfs\s+next: /)
  expect(exitCode).toBe(2)
  expect(await refused.rows()).toEqual([])

  const { file, start, rows } = await run('warm', { workload: memory })
  await start()
  const [compile] = await rows()
  expect(compile).toMatchObject({ status: 'skipped', time_s: null, page_cache: 'warm' })
  expect(compile!.error).toMatchObject({
    code: 'PAGE_CACHE_UNAVAILABLE',
    message: `--page-cache warm: ${file}: it is on tmpfs`,
    hint: expect.stringContaining('--work-dir'),
  })

  const blind = await run('cold', { measure: 'off' })
  expect((await blind.start()).output).toMatch(
    /PAGE_CACHE_UNAVAILABLE: .*only the monitor sees to it: PROVEMARK_MEASURE=off/,
  )
  expect(await blind.rows()).toEqual([])
})
