import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRowsOf, startBench, temporaryFolder, writeCommandProver } from '../../fixtures/run-bench.ts'
import { runInTerminal, type TerminalOptions } from '../../fixtures/terminal.ts'

const LINE = /^[█░#.]{20} \d\/\d points/
const WHOLE = /[·|] 2 points [·|] 16 rows ok$/m
const TOY = './fixtures/provers/toy.ts,sleep_ms=150'
const SMALL = '--input-hw 8 --conv-out-ch 2 --fc-hidden 4 --depth-max 2 --iterations 2 --no-lock'

interface BenchOptions extends TerminalOptions {
  /** Prepended to the command: `env NO_COLOR=1`. */
  prefix?: string
  prover?: string
}

async function benchInTerminal(
  vitestArgs: string,
  { prefix = '', prover = TOY, ...options }: BenchOptions = {},
) {
  const dir = await temporaryFolder()
  const folders = `--onnx-dir ${dir}/onnx --inputs-dir ${dir}/in --work-dir ${dir}/work --results ${dir}/rows.jsonl`
  const command = `${prefix} vitest bench depth ${vitestArgs} -- --prover ${prover} ${SMALL} ${folders}`
  return { dir, ...(await runInTerminal(command, options)) }
}

const liveLines = (frame: string) => frame.split('\n').filter((line) => LINE.test(line))

test.for(['default', 'verbose', 'tree'])(
  'beside the %s reporter there is one line at the bottom, and none when all is over',
  async (reporter) => {
    const { exitCode, frames, history } = await benchInTerminal(`--reporter=${reporter}`)
    const live = frames.filter((frame) => liveLines(frame).length)
    expect(live.length).toBeGreaterThan(3)
    for (const frame of live) expect(liveLines(frame)).toEqual([frame.split('\n').at(-1)])
    expect(
      live.some((frame) => /1\/2 points · depth_d2\S* · \w+ \d · .* MB · about .* left$/.test(frame)),
    ).toBe(true)
    expect(history).not.toMatch(/░/)
    expect(history.match(/^│ prove +│ 2 │.*│$/gm)).toHaveLength(2)
    expect(history).toMatch(WHOLE)
    expect(exitCode).toBe(0)
  },
)

test('the line names the phase that a service is asked for while it answers', async () => {
  const start = `require('http').createServer((request, answer) => setTimeout(() => answer.end('proof'), 3000))
    .listen(Number(process.argv[1]), '127.0.0.1')`
  const prover = await writeCommandProver(
    await temporaryFolder(),
    `{
  name: 'slow',
  version: '1.0',
  service: { start: ['node', '-e', ${JSON.stringify(start)}, '{port}'] },
  phases: { prove: { request: { path: '/prove', save: 'proof' }, artifacts: { proof: { file: 'proof.txt' } } } },
}`,
  )
  const { exitCode, frames } = await benchInTerminal('', { prover })
  expect(frames.filter((frame) => /depth_d1\S* · prove 1/.test(frame)).length).toBeGreaterThan(3)
  expect(exitCode).toBe(0)
})

test('beside a reporter with a window that cannot be put away there is no line', async () => {
  const { exitCode, frames } = await benchInTerminal('--reporter=dot')
  expect(frames.flatMap(liveLines)).toEqual([])
  expect(frames.at(-1)).toMatch(WHOLE)
  expect(exitCode).toBe(0)
})

test.for(['CI=true', 'TERM=dumb'])('with %s there is no line that changes', async (variable) => {
  const { frames, history } = await benchInTerminal('', { prefix: `env ${variable}` })
  expect(frames.flatMap(liveLines)).toEqual([])
  expect(history).toMatch(WHOLE)
})

test('--silent leaves Vitest alone, and the rows', async () => {
  const { dir, exitCode, frames, history } = await benchInTerminal('--silent')
  expect(frames.flatMap(liveLines)).toEqual([])
  expect(history).not.toMatch(/rows ok|t-bar/)
  expect(await readRowsOf(dir)).toHaveLength(16)
  expect(exitCode).toBe(0)
})

test('NO_COLOR and ASCII hold for the line and the cards', async () => {
  const prefix = 'env NO_COLOR=1 PROVEMARK_ASCII=1'
  const { frames, history, written } = await benchInTerminal('', { prefix })
  expect(frames.flatMap(liveLines).length).toBeGreaterThan(3)
  expect(history).toContain('| prove   | 2 |')
  expect(written).not.toMatch(/[█░│]/)
  // oxlint-disable-next-line no-control-regex -- colours are what is looked for
  expect(written).not.toMatch(/\u001B\[[\d;]*m/)
})

test('a terminal that gets narrower keeps one line, cut to its width', async () => {
  let isNarrow = false
  const { frames, history } = await benchInTerminal('', {
    onFrame: async (frame, terminal) => {
      if (isNarrow || !liveLines(frame).length) return
      isNarrow = true
      terminal.resize(60, 40)
    },
  })
  const narrow = frames.slice(frames.findIndex((frame) => liveLines(frame).length) + 5)
  for (const frame of narrow) expect(liveLines(frame).length).toBeLessThanOrEqual(1)
  expect(narrow.flatMap(liveLines).every((line) => line.length < 60)).toBe(true)
  expect(history).not.toMatch(/░/)
})

test('Ctrl+C takes the line away and leaves the card', async () => {
  let isTyped = false
  const { exitCode, frames, history } = await benchInTerminal('', {
    onFrame: async (frame, terminal) => {
      if (isTyped || !/1\/2 points/.test(frame)) return
      isTyped = true
      terminal.type('\u0003')
    },
  })
  expect(exitCode).toBe(130)
  expect(frames.at(-1)).toContain('not ok: 1 cancelled')
  expect(history).not.toMatch(/░/)
})

test('in a pipe: plain lines, and a document on stdout stands alone', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', './fixtures/provers/toy.ts', ...SMALL.split(' ')]
  const plain = await startBench(dir, ['depth', '--reporter=verbose'], flags)
  // oxlint-disable-next-line no-control-regex -- escapes are what is looked for
  expect(plain.all).not.toMatch(/\u001B|░/)
  expect(plain.stdout).toMatch(WHOLE)

  const tap = await startBench(dir, ['depth', '--reporter=tap-flat'], flags)
  const lines = String(tap.stdout).trim().split('\n')
  expect(lines.slice(0, 2)).toEqual(['TAP version 13', '1..8'])
  expect(lines.slice(2).filter((line) => !/^ok \d - /.test(line))).toEqual([])
  expect(tap.stderr).toMatch(WHOLE)
})

test('json and junit files are whole beside our own output', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', './fixtures/provers/toy.ts', ...SMALL.split(' ')]
  const [json, junit] = [join(dir, 'report.json'), join(dir, 'report.xml')]
  const files = [`--outputFile.json=${json}`, `--outputFile.junit=${junit}`]
  const reporters = ['--reporter=default', '--reporter=json', '--reporter=junit']
  expect((await startBench(dir, ['depth', ...reporters, ...files], flags)).stdout).toMatch(WHOLE)
  expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ numPassedTests: 8, success: true })
  expect(await readFile(junit, 'utf8')).toMatch(
    /^<\?xml[\s\S]*tests="8" failures="0"[\s\S]*<\/testsuites>\s*$/,
  )
})
