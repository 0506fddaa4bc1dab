import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runInTerminal } from '../../fixtures/terminal.ts'

vi.setConfig({ testTimeout: 300_000 })

const TOY = './fixtures/provers/toy.ts'
const SIZES = '--input-hw 8 --conv-out-ch 2 --fc-hidden 4 --depth-max 2 --iterations 3'.split(' ')
const SMALL = ['--prover', TOY, ...SIZES]
const ROOT = join(import.meta.dirname, '../..')
const VITEST_TABLE = /\bp999\b/
const PHASE_LINE =
  /^ ✓ depth_d\d_\S+ › (compile|witness|prove|verify) +median [\d.]+ s, [\d.]+ to [\d.]+ s, n 3$/gm
const CARD = /^[│├] .*t-bar/gm

const bench = async (vitestArgs: string[], flags: string[] = SMALL, env: Record<string, string> = {}) => {
  const dir = await temporaryFolder()
  const { stdout, stderr, exitCode } = await startBench(dir, vitestArgs, flags, { env })
  return { dir, exitCode, stdout: String(stdout), stderr: String(stderr) }
}

describe('where no reporter was chosen', () => {
  test.for([
    ['in a pipe', {}],
    ['in GitHub Actions', { GITHUB_ACTIONS: 'true', CI: 'true' }],
    ['for an agent', { CLAUDECODE: '1' }],
  ] as const)('%s: a line for each phase, the cards, the card of the run', async ([, env]) => {
    const { exitCode, stdout } = await bench(['depth'], SMALL, env)
    expect(stdout).not.toMatch(VITEST_TABLE)
    expect(stdout.match(PHASE_LINE)).toHaveLength(8)
    expect(stdout.match(CARD)).toHaveLength(2)
    const order = [...stdout.matchAll(/› (verify)|(t-bar)|(rows ok)/g)].map(([found]) => found)
    expect(order).toEqual(['› verify', 't-bar', '› verify', 't-bar', 'rows ok'])
    expect(stdout).toMatch(/^ *Tests +8 passed/m)
    // Other tests run beside this one, and the cards say so.
    const lines = stdout.split('\n').filter((line) => !line.startsWith('! disturbed'))
    expect(lines.length).toBeLessThan(50)
    expect(exitCode).toBe(0)
  })

  test('the median and the range are those of the rows', async () => {
    const { dir, stdout } = await bench(['depth'], [...SMALL, '--depth-max', '1'])
    const times = (await readRowsOf(dir)).flatMap(({ phase, time_s }) => (phase === 'prove' ? [time_s!] : []))
    const [lo, median, hi] = times.toSorted((x, y) => x - y)
    const [, ...shown] = /prove +median (\S+) s, (\S+) to (\S+) s, n 3/.exec(stdout)!
    // Short times are shown with more decimals.
    const decimals = shown.map((text) => text.split('.')[1]!.length)
    expect(shown).toEqual([median, lo, hi].map((time, i) => time!.toFixed(decimals[i])))
    expect(Math.min(...decimals)).toBeGreaterThanOrEqual(3)
    // With only one point there is room for its full card.
    expect(stdout).toContain('figures   time: wall clock')
  })

  test('a failed phase shows its code, what to do, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await bench(['depth'], [...SIZES, '--prover', `${TOY},fail=prove`])
    expect(stdout).toMatch(/^ ✗ depth_d1_\S+ › prove  PHASE_FAILED: .* exit code 3$/m)
    expect(stdout).toMatch(/^ ↓ depth_d1_\S+ › verify  .*prove/m)
    expect(stderr).toMatch(/PHASE_FAILED[\s\S]*command: [\s\S]*output ends:\n +Error: prove was told to fail/)
    expect(exitCode).toBe(1)
  })

  test('what is skipped says why', async () => {
    const { stdout } = await bench(['models', 'lenet'], ['--prover', TOY, '--iterations', '1'])
    expect(stdout).toMatch(/^ ↓ models › no model given: --model FILE/m)
    expect(stdout).toMatch(/^ ✓ lenet › prove    [\d.]+ s, n 1$/m)
  })

  test('40 columns of a terminal are enough', async () => {
    const dir = await temporaryFolder()
    const files = `--onnx-dir ${dir}/onnx --inputs-dir ${dir}/in --work-dir ${dir}/work --results ${dir}/rows.jsonl`
    const command = `vitest bench depth -- ${SMALL.join(' ')} --no-lock ${files}`
    const { exitCode, history } = await runInTerminal(command, { columns: 40 })
    expect(history.match(/^ ✓ prove .*\d s/gm)).toHaveLength(2)
    // A terminal wraps lines that are too wide, and a wrapped line of a table would start without its frame.
    expect(history.match(/^[│├┌└].*[│┤┐┘]$/gm)!.length).toBeGreaterThan(12)
    expect(
      history.split('\n').filter((line) => /[│┤┐┘]/.test(line) && !/^[│├┌└].*[│┤┐┘]$/.test(line)),
    ).toEqual([])
    expect(exitCode).toBe(0)
  })
})

describe('a reporter that was chosen', () => {
  test.for(['default', 'verbose', 'tree'])('--reporter=%s shows its tables', async (reporter) => {
    const { stdout } = await bench(['depth', `--reporter=${reporter}`])
    expect(stdout.match(new RegExp(VITEST_TABLE, 'g'))).toHaveLength(8)
    expect(stdout).not.toMatch(/ › prove +median/)
    expect(stdout).toContain('figures   time: wall clock')
  })
})

describe('a project with plain benches and reporters of its own', () => {
  let project: string
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'provemark-test-'))
    mkdirSync(join(project, 'bench'))
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
    const write = (name: string, text: string) => writeFileSync(join(project, name), text)
    const config = (reporters: string) => `
      import { defineConfig } from 'vitest/config'
      import { provemark } from '${ROOT}/src/plugin.ts'
      export default defineConfig({ plugins: [provemark()], test: { ${reporters} } })`
    write('package.json', '{ "type": "module" }')
    write('vitest.config.ts', config(''))
    write('chosen.config.ts', config(`reporters: ['default', ['json', { outputFile: 'report.json' }]]`))
    write(
      'bench/depth.bench.ts',
      `import { defineTrack, depthTrack } from '${ROOT}/src/index.ts'\ndefineTrack(depthTrack)`,
    )
    write(
      'bench/plain.bench.ts',
      `import { test } from 'vitest'
       test('sum', async ({ bench }) => { await bench('sum of two', () => 1 + 1).run({ time: 5 }) })`,
    )
  })
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  const inProject = async (vitestArgs: string[]) => {
    const dir = await temporaryFolder()
    const flags = [...SIZES, '--depth-max', '1', '--prover', join(ROOT, TOY)]
    return String((await startBench(dir, vitestArgs, flags, { cwd: project })).stdout)
  }

  test('tables of plain benches stay, those of tracks go', async () => {
    const stdout = await inProject([])
    expect(stdout.match(new RegExp(VITEST_TABLE, 'g'))).toHaveLength(1)
    expect(stdout).toMatch(/sum of two/)
    expect(stdout.match(PHASE_LINE)).toHaveLength(4)
  })

  test('reporters named in the config stay as they are', async () => {
    const stdout = await inProject(['--config', 'chosen.config.ts'])
    expect(stdout.match(new RegExp(VITEST_TABLE, 'g'))!.length).toBeGreaterThan(4)
    expect(stdout).not.toMatch(PHASE_LINE)
    const report = JSON.parse(readFileSync(join(project, 'report.json'), 'utf8')) as object
    expect(report).toMatchObject({ numPassedTests: 5, success: true })
  })
})
