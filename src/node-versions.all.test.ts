import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installNodes, pathWithNode } from '../fixtures/node-versions.ts'
import { installPacked, writeFiles } from '../fixtures/packed-project.ts'
import { readRowsOf } from '../fixtures/run-bench.ts'

const SUPPORTED = ['22.12.0', '24', '26']
const REFUSED = ['18', '20', '22.11.0', '23']

const trackFile = (name: string) =>
  `import { defineTrack, ${name}Track } from 'provemark'\ndefineTrack(${name}Track)\n`

/** A stand-in prover for the command line: TOOL PHASE IN OUT. */
const TOOL = `#!/bin/sh
phase=$1; shift
case $phase in
  --version) echo "tool 1.2.3" ;;
  compile) cp "$1" "$2"; echo "gates=1,200 wires=34" ;;
  witness|prove) cp "$1" "$2" ;;
esac
`

const COMMAND_PROVER = `
import { commandProver } from 'provemark/prover'
const tool = (...args) => ['/bin/sh', new URL('tool.sh', import.meta.url).pathname, ...args]
export default commandProver({
  name: 'tool',
  version: tool('--version'),
  phases: {
    compile: { cmd: tool('compile', '{model}', '{circuit}'), artifacts: { circuit: { file: 'circuit.bin' } } },
    witness: { cmd: tool('witness', '{input}', '{witness}'), artifacts: { witness: { file: 'w.json' } } },
    prove: { cmd: tool('prove', '{witness}', '{proof}'), artifacts: { proof: { file: 'proof.bin' } } },
    verify: { cmd: tool('verify', '{proof}') },
  },
  counters: ['gates'],
  totalCost: 'gates',
})
`

const FUNCTION_PROVER = `
import { copyFileSync } from 'node:fs'
import { defineProver } from 'provemark/prover'
const copy = (from, to) => copyFileSync(from, to)
export default defineProver({
  name: 'functions',
  version: '1.0.0',
  artifacts: {
    circuit: { file: 'circuit.bin', phase: 'compile', deterministic: true },
    witness: { file: 'witness.json', phase: 'witness' },
    proof: { file: 'proof.bin', phase: 'prove' },
  },
  phases: {
    compile: async ({ files }) => { copy(files.model, files.circuit); return { counters: { totalCost: 7 } } },
    witness: async ({ files }) => copy(files.input, files.witness),
    prove: async ({ files }) => copy(files.witness, files.proof),
    verify: async () => true,
  },
})
`

const FILES = {
  'package.json': JSON.stringify({ private: true, type: 'module', devDependencies: { vitest: '5' } }),
  'bench/depth.bench.mjs': trackFile('depth'),
  'bench/breadth.bench.mjs': trackFile('breadth'),
  'bench/models.bench.mjs': trackFile('models'),
  'provers/tool.sh': TOOL,
  'provers/tool.mjs': COMMAND_PROVER,
  'provers/functions.mjs': FUNCTION_PROVER,
  'unit/own.test.js': "import { test } from 'vitest'\ntest('own', () => {})\n",
}

let dir = ''
let nodes = new Map<string, string>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'provemark-nodes-'))
  await writeFiles(dir, { 'package.json': JSON.stringify({ private: true, type: 'module' }) })
  await mkdir(join(dir, 'nodes'))
  nodes = await installNodes(join(dir, 'nodes'), [...SUPPORTED, ...REFUSED])
  await installPacked(dir)
})

afterAll(() => rm(dir, { recursive: true, force: true }))

/** A project with the package installed, and its commands run by the given Node. */
async function openProject(version: string) {
  const project = join(dir, `node-${version}`)
  await writeFiles(project, FILES)
  const folder = nodes.get(version)!
  const run = async (...args: string[]) => {
    const { exitCode, all } = await execa(join(folder, 'node'), args, {
      cwd: project,
      all: true,
      reject: false,
      stdin: 'ignore',
      extendEnv: false,
      env: { PATH: pathWithNode(folder), HOME: process.env['HOME'], NO_COLOR: '1', PROVEMARK_LOCK: 'off' },
    })
    return { exitCode, output: all }
  }
  return {
    project,
    run,
    cli: (...args: string[]) => run('../node_modules/provemark/dist/cli.js', ...args),
    vitest: (...args: string[]) => run('../node_modules/vitest/vitest.mjs', ...args),
  }
}

describe.each(SUPPORTED)('on Node %s', (version) => {
  const rowsIn = async (folder: string) =>
    (await readRowsOf(folder)).map(
      ({ track, prover, phase, status }) => `${track} ${prover?.name} ${phase} ${status}`,
    )
  const allOk = (track: string, prover: string) =>
    ['compile', 'witness', 'prove', 'verify'].map((phase) => `${track} ${prover} ${phase} ok`)

  test('all tracks are proved, and every subcommand runs without a warning of Node', async () => {
    const { project, cli, vitest } = await openProject(version)
    const said: string[] = []
    const good = async (...args: string[]) => {
      const { exitCode, output } = await cli(...args)
      expect(`${args.join(' ')}: ${exitCode}\n${output}`).toContain(`${args.join(' ')}: 0\n`)
      said.push(output)
      return output
    }
    await good('init', '--ci', 'none')
    expect(await good('setup', 'gnark')).toContain('is ready')
    expect(await good('doctor', 'gnark')).toContain('gnark')
    const narrow = ['--conv-out-ch', '2', '--fc-hidden', '4']
    const sizes = ['--input-hw', '6', '--in-ch', '1', ...narrow]
    await good('generate', 'depth', ...sizes, '-o', 'nets/own.onnx', '--input', 'nets/own.json')
    expect(await good('inspect', 'nets/own.onnx')).toContain('Conv')
    const one = ['--iterations', '1', '--depth-max', '1', '--arch-depth', '1', '--input-hw-list', '14']
    const small = [...one, ...narrow, '--model', 'nets/own.onnx', '--input', 'nets/own.json']
    expect(await good('list', '--', ...small)).toContain('depth')
    const bench = await vitest('bench', '--', ...small, '--allow-missing', '--results', 'rows.jsonl')
    expect(`${bench.output}\nexit ${bench.exitCode}`).toMatch(/exit 0$/)
    said.push(bench.output)
    const rows = await rowsIn(project)
    for (const track of ['lenet', 'depth', 'breadth', 'models']) {
      expect(rows).toEqual(expect.arrayContaining(allOk(track, 'gnark')))
    }
    expect(rows.filter((row) => !row.endsWith(' ok'))).toEqual([])

    expect(await good('summary', 'rows.jsonl')).toContain('lenet')
    await good('baseline', 'update', 'rows.jsonl', '--accept')
    await good('baseline', 'update', 'rows.jsonl', '--accept')
    await good('gate', 'rows.jsonl', '--budget', 'ecc.totalCost@compile=1000000')
    const same = await cli('compare', 'rows.jsonl', 'rows.jsonl')
    expect(same.output).toContain('the baseline was made from this run itself')
    said.push(same.output)
    await good('report', 'rows.jsonl', '--csv', 'rows.csv', '--parquet', 'rows.parquet')
    await good('merge', 'rows.jsonl', '-o', 'merged.jsonl')
    await good('measure', '--runs', '2', '--', 'true')
    await good('cache', 'ls')
    expect(said.join('\n')).not.toMatch(/\(node:\d+\)|ExperimentalWarning|DeprecationWarning|\[DEP\d+\]/)
  })

  test('a prover of commands with counters by name, and one of functions', async () => {
    const { project, vitest } = await openProject(version)
    await writeFiles(project, {
      'vitest.config.mjs':
        "import { provemark } from 'provemark/plugin'\nexport default { plugins: [provemark()] }\n",
      'bench/lenet.bench.mjs': trackFile('lenet'),
    })
    const provers = ['tool.mjs', 'functions.mjs'].flatMap((file) => ['--prover', `./provers/${file}`])
    const flags = ['--iterations', '1', '--allow-missing', '--no-controls', '--results', 'own/rows.jsonl']
    const { output, exitCode } = await vitest('bench', 'lenet', '--', ...provers, ...flags)
    expect(`${output}\nexit ${exitCode}`).toMatch(/exit 0$/)
    expect((await rowsIn(join(project, 'own'))).toSorted()).toEqual(
      ['tool', 'functions'].flatMap((prover) => allOk('lenet', prover)).toSorted(),
    )
    expect(output).not.toMatch(/\(node:\d+\)|ExperimentalWarning|DeprecationWarning/)
  })
})

describe.each(REFUSED)('on Node %s', (version) => {
  const line = /^NODE_UNSUPPORTED: provemark needs Node 22\.12\.0 .*this is Node \d+\.\d+\.\d+: .*$/

  test('the command ends with 2 and one line', async () => {
    const { cli } = await openProject(version)
    for (const args of [['doctor'], ['--help'], ['summary', 'rows.jsonl']]) {
      const { output, exitCode } = await cli(...args)
      expect(output).toMatch(line)
      expect(exitCode).toBe(2)
    }
  })

  test.each(['provemark', 'provemark/prover', 'provemark/reporters', 'provemark/conformance'])(
    '%s says so where it is imported, whatever else this Node lacks',
    async (entry) => {
      const { run } = await openProject(version)
      const { output, exitCode } = await run('--input-type=module', '-e', `await import('${entry}')`)
      expect(output).toMatch(/NODE_UNSUPPORTED: provemark needs Node 22\.12\.0 /)
      expect(exitCode).not.toBe(0)
    },
  )
})

// Vitest itself does not start on the others.
describe.each(REFUSED.filter((version) => version !== '18'))('the plugin on Node %s', (version) => {
  test('ends vitest bench with 2 and one line, and lets unit tests pass', async () => {
    const { project, vitest } = await openProject(version)
    await writeFiles(project, {
      'vitest.config.mjs':
        "import { provemark } from 'provemark/plugin'\nexport default { plugins: [provemark()] }\n",
    })
    const bench = await vitest('bench', 'depth')
    expect(bench.output.match(/^.*22\.12\.0.*$/gm)).toEqual([expect.stringMatching(/^NODE_UNSUPPORTED: /)])
    expect(bench.output).not.toContain('    at ')
    expect(bench.exitCode).toBe(2)
    const unit = await vitest('run')
    expect(unit.output).toContain('1 passed')
    expect(unit.output.match(/^.*22\.12\.0.*$/gm)).toEqual([
      expect.stringMatching(/^warning: provemark needs Node /),
    ])
    expect(unit.exitCode).toBe(0)
  })
})
